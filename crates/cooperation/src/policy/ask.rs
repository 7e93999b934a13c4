//! One question to Cedar: the rules of an action and side, the facts they read, and what comes back.

use std::collections::BTreeMap;

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, PolicySet, Request, Response,
    RestrictedExpression,
};

use super::{
    Policy,
    facts::Fact,
    rule::{Force, Rule},
    slice::Slice,
};
use crate::derived::{Finding, View};

/// The facts that a question rests on, by name.
pub(crate) type Findings<'a> = BTreeMap<&'a str, Finding<'a>>;

/// What Cedar says of one act, item or deed.
#[derive(Debug, Default)]
pub(crate) struct Answer<'p> {
    /// Whether a permit holds and nothing forbids.
    pub(crate) permitted: bool,
    /// The rules that forbid, and the conditions that the nearest permit lacks.
    pub(crate) against: Vec<&'p Rule>,
    /// The permits that hold and what speaks beside them, when it is permitted.
    pub(crate) says: Vec<&'p Rule>,
    /// Rules that could not be evaluated, each with what went wrong. One is enough to refuse.
    pub(crate) broken: Vec<String>,
}

impl Policy {
    /// The rules of an action on the side where it is judged.
    pub(crate) fn slice(&self, action: &str, view: &View<'_>) -> Option<&Slice> {
        self.slices.get(&(action.to_owned(), view.moment.side))
    }

    /// What the facts that a slice reads hold, of those that `wanted` chooses.
    pub(crate) fn findings<'a>(
        &'a self,
        slice: &'a Slice,
        view: &View<'a>,
        wanted: impl Fn(&Fact) -> bool,
    ) -> Findings<'a> {
        slice
            .reads
            .iter()
            .filter_map(|name| self.facts.get(name))
            .filter(|fact| wanted(fact))
            .map(|fact| (fact.name.as_str(), fact.find(view)))
            .collect()
    }

    /// Asks Cedar about an action under these facts.
    pub(crate) fn ask(
        &self,
        slice: &Slice,
        view: &View<'_>,
        findings: &Findings<'_>,
    ) -> Answer<'_> {
        let request = match self.request(slice, view, findings) {
            Ok(request) => request,
            Err(fault) => {
                return Answer {
                    broken: vec![fault],
                    ..Answer::default()
                };
            }
        };
        let mut broken = Vec::new();
        let response = self.evaluate(&request, &slice.decide, &mut broken);
        let holding = self.holding(slice, &response);
        let permitted =
            response.decision() == Decision::Allow && !holding.is_empty() && broken.is_empty();
        let mut answer = Answer {
            permitted,
            ..Answer::default()
        };
        if permitted {
            answer.says = holding;
            let always = slice.always.iter().map(|&index| &self.rules[index]);
            answer.says.extend(always);
            if !slice.speak.is_empty() {
                let speaking = self.evaluate(&request, &slice.speak, &mut broken);
                answer.says.extend(self.holding(slice, &speaking));
            }
        } else {
            answer.against = holding;
            answer.against.retain(|rule| rule.force == Force::Forbid);
            answer
                .against
                .extend(self.lacking(slice, &request, &mut broken));
        }
        answer.permitted &= broken.is_empty();
        answer.broken = broken;
        answer
    }

    /// The request that Cedar decides.
    fn request(
        &self,
        slice: &Slice,
        view: &View<'_>,
        findings: &Findings<'_>,
    ) -> Result<Request, String> {
        let pairs: Vec<(String, RestrictedExpression)> = findings
            .iter()
            .filter_map(|(name, finding)| {
                let expression = self
                    .facts
                    .get(name)?
                    .expression(&self.vocabulary, finding)?;
                Some(((*name).to_owned(), expression))
            })
            .collect();
        let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
        let organ = |id: Option<&str>| self.vocabulary.entity("organ", id);
        let (from, to) = (organ(Some(&view.act.from)), organ(view.act.to.as_deref()));
        Request::new(from, slice.action.clone(), to, context, None)
            .map_err(|error| error.to_string())
    }

    /// Evaluates a set, keeping every rule that could not be evaluated.
    fn evaluate(&self, request: &Request, set: &PolicySet, broken: &mut Vec<String>) -> Response {
        let response = Authorizer::new().is_authorized(request, set, &self.entities);
        broken.extend(response.diagnostics().errors().map(|error| {
            let AuthorizationError::PolicyEvaluationError(fault) = error;
            format!("{}: {fault}", fault.policy_id())
        }));
        response
    }

    /// The rules of the policies that made a response.
    fn holding(&self, slice: &Slice, response: &Response) -> Vec<&Rule> {
        let mut indices: Vec<usize> = response
            .diagnostics()
            .reason()
            .filter_map(|id| slice.rules.get(id).copied())
            .collect();
        indices.sort_unstable();
        indices
            .into_iter()
            .map(|index| &self.rules[index])
            .collect()
    }

    /// The conditions that the nearest permit lacks: the one of which the fewest fail.
    fn lacking(&self, slice: &Slice, request: &Request, broken: &mut Vec<String>) -> Vec<&Rule> {
        let response = self.evaluate(request, &slice.conditions, broken);
        let met: Vec<&str> = self
            .holding(slice, &response)
            .iter()
            .map(|rule| rule.id.as_str())
            .collect();
        let lacks = |conditions: &Vec<usize>| -> Vec<&Rule> {
            let rules = conditions.iter().map(|&index| &self.rules[index]);
            rules
                .filter(|rule| !met.contains(&rule.id.as_str()))
                .collect()
        };
        slice
            .permits
            .values()
            .map(lacks)
            .min_by_key(Vec::len)
            .unwrap_or_default()
    }
}

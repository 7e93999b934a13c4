//! One region and its forbids, tried on points.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, Entity, EntityUid,
    Policy as CedarPolicy, PolicyId, PolicySet, Request, RestrictedExpression, Schema,
};

use super::point::Holding;
use crate::policy::internal::{Action, type_name, uid};

/// One region and its forbids, for one action.
pub(super) struct Trial {
    region: PolicySet,
    forbids: PolicySet,
    action: EntityUid,
    /// The action with the groups it stands in.
    placed: Vec<Entity>,
}

impl Trial {
    /// The first policy is the region, the others forbid. Fails where Cedar does not take them.
    pub(super) fn new(
        policies: &[&CedarPolicy],
        action: &Action,
        schema: &Schema,
    ) -> Result<Self, String> {
        let set = |policies: &[&CedarPolicy]| {
            let own = policies.iter().map(|policy| (*policy).clone());
            PolicySet::from_policies(own).map_err(|error| error.to_string())
        };
        // Against a permit of everything: what is still refused is refused whatever the permits say.
        let everything = CedarPolicy::parse(
            Some(PolicyId::new("everything")),
            "permit (principal, action, resource);",
        );
        let mut forbids = set(&policies[1..])?;
        forbids
            .add(everything.map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())?;
        let groups = schema
            .action_entities()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            region: set(&policies[..1])?,
            forbids,
            action: action.uid(),
            placed: groups.get(&action.uid()).cloned().into_iter().collect(),
        })
    }

    /// Whether a point of the region is refused; `None` outside the region. Fails where a policy cannot be evaluated: then
    /// nothing is proven.
    pub(super) fn refused(&self, facts: &[(&String, &Holding)]) -> Result<Option<bool>, String> {
        let of = |variable: &str| -> HashMap<String, RestrictedExpression> {
            let own = facts.iter().filter_map(|(path, (value, _))| {
                let name = path.strip_prefix(variable)?.strip_prefix('.')?;
                Some((name.to_owned(), value.clone()))
            });
            own.collect()
        };
        let organ = |name: &str| uid(&type_name("organ"), name);
        let (from, to) = (organ("from"), organ("to"));
        let row = |uid: &EntityUid, attributes| {
            Entity::new(uid.clone(), attributes, HashSet::new()).map_err(|error| error.to_string())
        };
        let rows = [row(&from, of("principal"))?, row(&to, of("resource"))?];
        let entities =
            Entities::from_entities(rows.into_iter().chain(self.placed.iter().cloned()), None);
        let entities = entities.map_err(|error| error.to_string())?;
        let context = Context::from_pairs(of("context")).map_err(|error| error.to_string())?;
        let request = Request::new(from, self.action.clone(), to, context, None)
            .map_err(|error| error.to_string())?;
        if decided(&request, &self.region, &entities)? == Decision::Deny {
            return Ok(None);
        }
        Ok(Some(
            decided(&request, &self.forbids, &entities)? == Decision::Deny,
        ))
    }
}

/// The decision, if every policy could be evaluated.
fn decided(request: &Request, set: &PolicySet, entities: &Entities) -> Result<Decision, String> {
    let response = Authorizer::new().is_authorized(request, set, entities);
    match response.diagnostics().errors().next() {
        Some(AuthorizationError::PolicyEvaluationError(error)) => Err(error.to_string()),
        None => Ok(response.decision()),
    }
}

//! What this memorandum can never permit, proven at every load, without a solver.
//!
//! A red line is a forbid and, written apart from it, the region that must never pass. The proof is short: a forbid that cannot
//! fail to be evaluated, and that holds on every point of the region, refuses there whatever any permit says. Only the facts
//! that the two texts mention are enumerated; of a list, the words they name and words they do not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use cedar_policy::{EntityUid, Policy as CedarPolicy, PolicySet, Schema};

use crate::{
    act::Side,
    derived::About,
    memorandum::{Fault, Memorandum},
    policy::{
        Policy, Rule,
        internal::{Action, Kind, Reads, read_schema, schema_of_one, uid},
    },
};

mod point;
mod trial;

use point::{Domain, Holding, Points, domain};
use trial::Trial;

/// More points than this are not tried: a red line is a short text.
const POINTS_MAX: usize = 200_000;

/// A red line: its name, and what must never pass.
#[derive(Debug)]
pub struct RedLine<'p> {
    /// The name that forbids and region share.
    pub name: String,
    /// The region, a policy that permits exactly what must not be permitted.
    pub region: &'p CedarPolicy,
    /// The actions the region is about.
    pub actions: Vec<String>,
}

/// A red line that is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Its name.
    pub name: String,
    /// How many points were tried.
    pub points: usize,
    /// How many of them lie in the region; never none.
    pub inside: usize,
}

/// Why a red line is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// A limit of the annexes without a region.
    NoRegion(String),
    /// A forbid or region reads what cannot be enumerated or may fail: the policy, and what it reads.
    NotTotal(String, String),
    /// A forbid that runs on one side only.
    OneSided(String),
    /// A region that nothing can reach: the proof would say nothing.
    Unreachable(String),
    /// Something in the region that no forbid of the line refuses.
    Hole(Counterexample),
}

/// A point of a region that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The red line.
    pub line: String,
    /// The action.
    pub action: String,
    /// The facts, each with what it holds.
    pub facts: Vec<(String, String)>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts: Vec<String> = self
            .facts
            .iter()
            .map(|(fact, holds)| format!("{fact} = {holds}"))
            .collect();
        write!(
            f,
            "red line {}: nothing forbids {} with {}",
            self.line,
            self.action,
            facts.join(", ")
        )
    }
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unproven::NoRegion(limit) => write!(f, "the limit {limit} has no region in regions/"),
            Unproven::NotTotal(policy, what) => {
                write!(
                    f,
                    "{policy} reads {what}, which may fail or cannot be enumerated"
                )
            }
            Unproven::OneSided(rule) => write!(f, "{rule} runs on one side only"),
            Unproven::Unreachable(line) => {
                write!(
                    f,
                    "the region of {line} cannot be reached: its proof says nothing"
                )
            }
            Unproven::Hole(example) => example.fmt(f),
        }
    }
}

impl Policy {
    /// The red lines, in the order of the files.
    pub fn red_lines(&self) -> Vec<RedLine<'_>> {
        self.regions
            .iter()
            .map(|region| RedLine {
                name: line_of(&region.policy),
                region: &region.policy,
                actions: region
                    .scope(&self.actions)
                    .into_iter()
                    .map(|action| action.name)
                    .collect(),
            })
            .collect()
    }

    /// The schema that rules and regions are written against.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The names of all actions.
    pub fn action_names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| action.name.as_str())
    }

    /// The schema of one action alone, with only the facts that its rules and its regions read: small enough for a solver.
    ///
    /// `None` for an action that does not exist. Fails only if the whole schema was never read.
    pub fn schema_of(&self, action: &str) -> Option<Result<Schema, Fault>> {
        let one = self.actions.iter().find(|own| own.name == action)?;
        let sides = [Side::Sender, Side::Recipient];
        let slices = sides.map(|side| self.slices.get(&(action.to_owned(), side)));
        let ruled = |name: &String| {
            slices
                .iter()
                .flatten()
                .any(|slice| slice.reads.contains(name))
        };
        let regions = self.regions.iter().map(|region| Reads::of(&region.policy));
        let regions: BTreeSet<String> = regions
            .flat_map(|reads| reads.facts().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let text = schema_of_one(&self.vocabulary, &self.facts, &self.actions, one, &|fact| {
            ruled(&fact.name) || regions.contains(&fact.name)
        });
        Some(read_schema(&text))
    }

    /// The permits and prohibitions that decide an action on a side.
    pub fn deciding(&self, action: &str, side: Side) -> Option<&PolicySet> {
        let slice = self.slices.get(&(action.to_owned(), side))?;
        Some(&slice.decide)
    }

    /// What an action is about; actions about the same have the same facts, of the same types.
    pub fn kind_of_action(&self, name: &str) -> Option<About> {
        let action = self.actions.iter().find(|action| action.name == name)?;
        Some(action.about)
    }

    /// Proves every red line. A memorandum with an unproven one serves no judgement.
    pub fn prove(&self, memorandum: &Memorandum) -> (Vec<Proven>, Vec<Unproven>) {
        let (mut proven, mut unproven) = (Vec::new(), Vec::new());
        for line in self.red_lines() {
            match self.prove_line(&line) {
                Ok(proof) => proven.push(proof),
                Err(why) => unproven.push(why),
            }
        }
        let named = |limit: &&str| {
            self.regions
                .iter()
                .all(|region| line_of(&region.policy) != **limit)
        };
        let limits = memorandum.limits.iter().map(|limit| limit.id.as_str());
        unproven.extend(
            limits
                .filter(named)
                .map(|limit| Unproven::NoRegion(limit.to_owned())),
        );
        (proven, unproven)
    }

    /// Proves one red line, for every set of forbids that its actions meet.
    fn prove_line(&self, line: &RedLine<'_>) -> Result<Proven, Unproven> {
        let mut proof = Proven {
            name: line.region.id().to_string(),
            points: 0,
            inside: 0,
        };
        for (rules, action) in self.alike(line) {
            let (points, inside) = self.enumerate(line, &rules, &action)?;
            proof.points += points;
            proof.inside += inside;
        }
        if proof.inside == 0 {
            return Err(Unproven::Unreachable(proof.name));
        }
        Ok(proof)
    }

    /// The actions of a region, one for each set of forbids that stands against it.
    fn alike(&self, line: &RedLine<'_>) -> Vec<(Vec<&Rule>, Action)> {
        let mut seen = BTreeSet::new();
        let mut alike = Vec::new();
        let actions = self
            .actions
            .iter()
            .filter(|action| line.actions.contains(&action.name));
        for action in actions {
            let own = |rule: &&Rule| {
                rule.policy.annotation("redline") == Some(&line.name) && rule.scope.contains(action)
            };
            let rules: Vec<&Rule> = self.rules.iter().filter(own).collect();
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            if seen.insert((action.about, ids.join("\n"))) {
                alike.push((rules, action.clone()));
            }
        }
        alike
    }

    /// Tries every point of the facts that region and forbids mention: how many, and how many lie in the region.
    fn enumerate(
        &self,
        line: &RedLine<'_>,
        rules: &[&Rule],
        action: &Action,
    ) -> Result<(usize, usize), Unproven> {
        if let Some(rule) = rules.iter().find(|rule| rule.side.is_some()) {
            return Err(Unproven::OneSided(rule.id.clone()));
        }
        let policies: Vec<&CedarPolicy> = std::iter::once(line.region)
            .chain(rules.iter().map(|rule| &rule.policy))
            .collect();
        let domains = self.domains(&policies)?;
        let fault = |what: String| Unproven::NotTotal(line.region.id().to_string(), what);
        let all = domains
            .values()
            .try_fold(1_usize, |all, domain| all.checked_mul(domain.len()));
        if all.is_none_or(|all| all > POINTS_MAX) {
            return Err(fault(format!("{} facts at once", domains.len())));
        }
        let trial = Trial::new(&policies, action, self.schema()).map_err(fault)?;
        let (mut points, mut inside) = (0, 0);
        for point in Points::of(domains.values()) {
            points += 1;
            let facts: Vec<(&String, &Holding)> = domains.keys().zip(point).collect();
            match trial.refused(&facts).map_err(fault)? {
                None => {}
                Some(true) => inside += 1,
                Some(false) => return Err(Unproven::Hole(counterexample(line, action, &facts))),
            }
        }
        Ok((points, inside))
    }

    /// What each fact that these policies mention may hold.
    fn domains(&self, policies: &[&CedarPolicy]) -> Result<BTreeMap<String, Domain>, Unproven> {
        let named: Vec<EntityUid> = policies
            .iter()
            .flat_map(|policy| Reads::of(policy).literals)
            .map(|(kind, id)| uid(&kind, &id))
            .collect();
        let mut domains = BTreeMap::new();
        for policy in policies {
            let reads = Reads::of(policy);
            let fault = |what: &String| Unproven::NotTotal(policy.id().to_string(), what.clone());
            if let Some(operator) = reads.partial.iter().next() {
                return Err(fault(operator));
            }
            for path in &reads.paths {
                let kind = self.kind_of(path).ok_or_else(|| fault(path))?;
                let domain = domain(&self.vocabulary, &kind, &named).ok_or_else(|| fault(path))?;
                domains.insert(path.clone(), domain);
            }
        }
        Ok(domains)
    }

    /// The type of a path: a fact of the context, or an attribute of an organ.
    fn kind_of(&self, path: &str) -> Option<Kind> {
        let (variable, name) = path.split_once('.')?;
        match variable {
            "context" => Some(self.facts.get(name)?.kind.clone()),
            _ => self.vocabulary.attribute("organ", name),
        }
    }
}

/// A point that is not refused, in words.
fn counterexample(
    line: &RedLine<'_>,
    action: &Action,
    facts: &[(&String, &Holding)],
) -> Counterexample {
    Counterexample {
        line: line.name.clone(),
        action: action.name.clone(),
        facts: facts
            .iter()
            .map(|(path, (_, words))| ((*path).clone(), words.clone()))
            .collect(),
    }
}

/// The name of the red line that a region belongs to: `@redline`, or its own.
fn line_of(region: &CedarPolicy) -> String {
    region
        .annotation("redline")
        .map_or_else(|| region.id().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::memorandum::{Files, read::files_of};

    fn shipped() -> Files {
        files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum")).unwrap()
    }

    fn proof(files: &Files) -> (Vec<Proven>, Vec<Unproven>) {
        let memorandum = Memorandum::read_files(files).unwrap();
        let policy =
            Policy::compile(&memorandum, files).unwrap_or_else(|faults| panic!("{faults:#?}"));
        policy.prove(&memorandum)
    }

    fn patched(file: &str, from: &str, to: &str) -> Vec<String> {
        let mut files = shipped();
        let text = String::from_utf8(files[file].clone()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
        proof(&files).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_red_line_is_proven_and_none_of_the_proofs_is_empty() {
        let (proven, unproven) = proof(&shipped());
        assert_eq!(unproven, []);
        assert!(
            proven.len() >= 8 && proven.iter().all(|proof| proof.inside > 0),
            "{proven:?}"
        );
    }

    #[test]
    fn a_hole_is_told_as_a_counterexample_in_words() {
        let holes = patched(
            "policies/red_lines.cedar",
            "context.no_individual_link == Answer::\"yes\" || ",
            "",
        );
        assert_eq!(
            holes,
            [
                "red line fishing: nothing forbids accuracy_query with context.bulk = no, context.no_individual_link = yes, context.subject_defined_by_group = no"
            ]
        );
    }

    #[test]
    fn a_forbid_that_may_fail_proves_nothing() {
        let holes = patched(
            "policies/red_lines.cedar",
            "when { context.aims_at_death_penalty == Answer::\"yes\" };",
            "when { context.aims_at_death_penalty == Answer::\"yes\" && 1 + 1 == 2 };",
        );
        assert_eq!(
            holes,
            ["23.1 b reads +, which may fail or cannot be enumerated"]
        );
    }

    #[test]
    fn a_region_that_reads_too_much_proves_nothing() {
        let holes = patched(
            "regions/limits.cedar",
            "when { Answer::\"yes\" == context.aims_at_opinion_or_activity };",
            "when { Answer::\"yes\" == context.aims_at_opinion_or_activity && context.purpose.areas.contains(context.area) };",
        );
        assert_eq!(
            holes,
            ["political_aim reads context.purpose.areas, which may fail or cannot be enumerated"]
        );
    }

    #[test]
    fn a_region_that_nothing_reaches_proves_nothing() {
        let holes = patched(
            "regions/limits.cedar",
            "when { Answer::\"yes\" == context.aims_at_opinion_or_activity };",
            "when { Answer::\"yes\" == context.aims_at_opinion_or_activity && context.aims_at_opinion_or_activity == Answer::\"no\" };",
        );
        assert_eq!(
            holes,
            ["the region of political_aim cannot be reached: its proof says nothing"]
        );
    }

    #[test]
    fn a_limit_without_a_region_is_not_proven() {
        let holes = patched(
            "regions/limits.cedar",
            "@id(\"fishing\")",
            "@id(\"angling\")",
        );
        assert!(
            holes.contains(&"the limit fishing has no region in regions/".to_owned()),
            "{holes:?}"
        );
    }
}

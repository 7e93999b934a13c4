//! What a policy reads, found by walking its text.

use std::collections::BTreeSet;

use cedar_policy::Policy;
use serde_json::Value;

/// The operators that can never fail on values of the right type.
const TOTAL: [&str; 19] = [
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "contains",
    "containsAll",
    "containsAny",
    "isEmpty",
    "has",
    ".",
    "Set",
    "Value",
    "Var",
    "if-then-else",
];

/// What a policy reads, and which operators of it can fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Paths, as the policy writes them: `context.minor`, `principal.role`, `context.purpose.areas`.
    pub(crate) paths: BTreeSet<String>,
    /// Operators that can fail: arithmetic, extensions.
    pub(crate) partial: BTreeSet<String>,
    /// The entities it names: type and identifier.
    pub(crate) literals: BTreeSet<(String, String)>,
}

impl Reads {
    /// What this policy reads in its conditions.
    pub(crate) fn of(policy: &Policy) -> Self {
        let mut reads = Self::default();
        if let Ok(json) = policy.to_json() {
            reads.walk(&json["conditions"]);
        }
        reads
    }

    /// The facts of the context among the paths: `purpose` of `context.purpose.areas`.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &str> {
        self.paths
            .iter()
            .filter_map(|path| path.strip_prefix("context."))
            .map(|path| path.split('.').next().unwrap_or(path))
    }

    /// Walks an expression.
    fn walk(&mut self, expression: &Value) {
        match expression {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.operator(name, member);
                }
            }
            _ => {}
        }
    }

    /// One operator and its operands.
    fn operator(&mut self, name: &str, operand: &Value) {
        match name {
            "kind" => {}
            "Value" => self.literal(operand),
            "Var" => drop(
                operand
                    .as_str()
                    .map(|name| self.paths.insert(name.to_owned())),
            ),
            "body" | "left" | "right" | "arg" | "if" | "then" | "else" => self.walk(operand),
            "." | "has" => match path(name, operand) {
                Some(path) => drop(self.paths.insert(path)),
                None => self.walk(operand),
            },
            _ if TOTAL.contains(&name) => self.walk(operand),
            _ => {
                self.partial.insert(name.to_owned());
                self.walk(operand);
            }
        }
    }
}

impl Reads {
    /// The entities in a value.
    fn literal(&mut self, value: &Value) {
        let entity = &value["__entity"];
        if let (Some(kind), Some(id)) = (entity["type"].as_str(), entity["id"].as_str()) {
            self.literals.insert((kind.to_owned(), id.to_owned()));
        }
        value
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|item| self.literal(item));
    }
}

/// The path of an access: a variable, then attributes.
fn path(operator: &str, operand: &Value) -> Option<String> {
    let attribute = operand["attr"].as_str()?;
    let left = &operand["left"];
    if let Some(variable) = left["Var"].as_str() {
        return Some(format!("{variable}.{attribute}"));
    }
    let deeper = left.get(".")?;
    (operator == ".").then(|| path(".", deeper).map(|before| format!("{before}.{attribute}")))?
}

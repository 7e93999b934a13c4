//! The rule tables beside the articles (`rules/NN.toml`), compiled to Cedar.

use std::collections::BTreeSet;

use cedar_policy::{Policy as CedarPolicy, PolicyId};

use super::{
    facts::FILE,
    reads::Reads,
    row::{Procedural, Row},
    rule::{Force, Place, Rule, near_reason, reason},
    schema::Action,
};
use crate::{
    act::Side,
    derived::About,
    judgement::Paragraph,
    memorandum::{
        Fault, Memorandum,
        fault::did_you_mean,
        sheet::{Node, Sheet},
    },
};

/// What the tables say: rules, and paragraphs that need none.
#[derive(Default)]
pub(crate) struct Tables {
    /// Every rule.
    pub(crate) rules: Vec<Rule>,
    /// Paragraphs marked as procedural, with their place.
    pub(crate) procedural: Vec<(Paragraph, Place)>,
    /// What is wrong.
    pub(crate) faults: Vec<Fault>,
}

/// The kinds of table in a file of rules.
const TABLES: [(&str, Force); 4] = [
    ("permit", Force::Permit),
    ("requirement", Force::Forbid),
    ("mention", Force::Mention),
    ("clarify", Force::Clarify),
];

/// Where the permits stand in the order of what is shown.
const PERMIT_ORDER: i64 = 500;

/// What compiles a table.
pub(crate) struct Compiler<'m> {
    /// The agreement.
    pub(crate) memorandum: &'m Memorandum,
    /// Every action.
    pub(crate) actions: &'m BTreeSet<Action>,
    /// Whether a requirement is not tested again on a repeat.
    pub(crate) spares_repeats: bool,
}

impl Compiler<'_> {
    /// Every rule of these sheets.
    pub(crate) fn tables(&self, sheets: &[Sheet<'_>]) -> Tables {
        let mut tables = Tables::default();
        for sheet in sheets.iter().filter(|sheet| sheet.file != FILE) {
            self.sheet(sheet, &mut tables);
        }
        number(&mut tables.rules);
        tables
    }

    /// The rules of one article.
    fn sheet(&self, sheet: &Sheet<'_>, tables: &mut Tables) {
        let article = sheet
            .get("article")
            .and_then(|node| node.read::<u32>().ok());
        for (key, line) in sheet.keys() {
            let known = TABLES
                .iter()
                .map(|(name, _)| *name)
                .chain(["article", "procedural"]);
            if known.clone().all(|name| name != key) {
                let mut fault =
                    Fault::new(sheet.file, line, format!("unknown table or key “{key}”"));
                fault.remedy = did_you_mean(key, known);
                tables.faults.push(fault);
            }
        }
        let Some(article) = article else {
            tables.faults.push(Fault::new(
                sheet.file,
                1,
                "no “article”: the number of the article it stands beside",
            ));
            return;
        };
        for (name, force) in TABLES {
            for node in sheet.get(name).into_iter().flat_map(Node::items) {
                self.row(node, force, article, tables);
            }
        }
        for node in sheet.get("procedural").into_iter().flat_map(Node::items) {
            match node.read::<Procedural>() {
                Ok(row) => tables
                    .procedural
                    .push((Paragraph(row.paragraph), place(node))),
                Err(fault) => tables.faults.push(fault),
            }
        }
    }

    /// One row: a rule, and for a permit its conditions.
    fn row(&self, node: Node<'_, '_>, force: Force, article: u32, tables: &mut Tables) {
        let row: Row = match node.read_without(&["condition"]) {
            Ok(row) => row,
            Err(fault) => return tables.faults.push(fault),
        };
        let first = row.paragraph.iter().next().map_or("", String::as_str);
        if first.split('.').next() != Some(article.to_string().as_str()) {
            tables
                .faults
                .push(node.fault(format!("{first} is no paragraph of article {article}")));
        }
        let scope = match row.scope(self.memorandum, self.actions, node) {
            Ok(scope) => scope,
            Err(fault) => return tables.faults.push(fault),
        };
        let (mut conditions, mut tested) = (Vec::new(), String::new());
        for node in node.get("condition").into_iter().flat_map(Node::items) {
            match self.condition(node, &row, &scope) {
                Ok((rule, holds)) => {
                    tested.push_str(&format!("\nwhen {{ {holds} }}"));
                    conditions.push(rule);
                }
                Err(fault) => tables.faults.push(fault),
            }
        }
        match self.rule(node, &row, force, &scope, &tested) {
            Ok(rule) => {
                let of = Some(rule.id.clone());
                tables.rules.push(rule);
                let conditions = conditions.into_iter();
                tables.rules.extend(conditions.map(|rule| Rule {
                    of: of.clone(),
                    ..rule
                }));
            }
            Err(fault) => tables.faults.push(fault),
        }
    }

    /// One condition of a permit, and what it tests.
    fn condition(
        &self,
        node: Node<'_, '_>,
        permit: &Row,
        scope: &BTreeSet<Action>,
    ) -> Result<(Rule, String), Fault> {
        let mut row: Row = node.read()?;
        row.side = row.side.or(permit.side);
        let rule = self.rule(node, &row, Force::Condition, scope, "")?;
        let holds = row.holds.as_deref().unwrap_or_default();
        Ok((rule, self.spare(&row, scope, holds)))
    }

    /// The rule of a row.
    fn rule(
        &self,
        node: Node<'_, '_>,
        row: &Row,
        force: Force,
        scope: &BTreeSet<Action>,
        tested: &str,
    ) -> Result<Rule, Fault> {
        let paragraphs: Vec<Paragraph> = row.paragraph.iter().cloned().map(Paragraph).collect();
        let lacks = row.lacks.as_deref();
        let refuses = matches!(force, Force::Condition | Force::Forbid);
        let reason = match lacks {
            Some(id) if refuses => Some(reason(self.memorandum, id).ok_or_else(|| {
                let fault = node.fault(format!("no reason “{id}” in the annexes"));
                Fault {
                    remedy: near_reason(self.memorandum, id),
                    ..fault
                }
            })?),
            None if refuses => return Err(node.fault("no “lacks”: the reason of a refusal")),
            Some(_) => return Err(node.fault("“lacks” is for requirements and conditions")),
            None => None,
        };
        let order = match force {
            Force::Permit => row.order.unwrap_or(PERMIT_ORDER),
            _ => row.order.ok_or_else(|| node.fault("no “order”"))?,
        };
        let id = format!("{} {}", paragraphs[0], lacks.unwrap_or(word(force)));
        let body = self.body(node, row, force, scope, tested)?;
        let notes = annotations(row, order, lacks);
        let policy = self.policy(node, &id, scope, &notes, &body)?;
        Ok(Rule {
            id,
            place: place(node),
            force,
            of: None,
            paragraphs,
            order,
            side: row.side.map(Side::from),
            reason,
            hint: row.hint.clone(),
            missing: row.missing.clone(),
            sentence: row.sentence.clone(),
            scope: scope.clone(),
            reads: Reads::of(&policy),
            policy,
        })
    }

    /// Effect and conditions, as Cedar writes them.
    fn body(
        &self,
        node: Node<'_, '_>,
        row: &Row,
        force: Force,
        scope: &BTreeSet<Action>,
        tested: &str,
    ) -> Result<(&'static str, String), Fault> {
        let want = |text: &'_ Option<String>, key: &str| {
            let fault = || node.fault(format!("no “{key}”: a Cedar expression"));
            text.clone().ok_or_else(fault)
        };
        Ok(match force {
            Force::Permit => ("permit", tested.to_owned()),
            Force::Condition => {
                let holds = want(&row.holds, "if")?;
                (
                    "permit",
                    format!("\nwhen {{ {} }}", self.spare(row, scope, &holds)),
                )
            }
            Force::Forbid => {
                let holds = want(&row.holds, "if")?;
                let when = if self.spares(row, scope) {
                    "\nwhen { !context.repeat }"
                } else {
                    ""
                };
                ("forbid", format!("{when}\nunless {{ {holds} }}"))
            }
            Force::Mention if row.when.is_none() => ("permit", String::new()),
            Force::Mention | Force::Clarify => (
                "permit",
                format!("\nwhen {{ {} }}", want(&row.when, "when")?),
            ),
        })
    }

    /// Whether a repeat is spared the test: it was tested when it first came.
    fn spares(&self, row: &Row, scope: &BTreeSet<Action>) -> bool {
        let act = |action: &Action| matches!(action.about, About::Act | About::Item);
        self.spares_repeats && !row.always && scope.iter().any(act)
    }

    /// A condition, as far as it is tested on a repeat.
    fn spare(&self, row: &Row, scope: &BTreeSet<Action>, holds: &str) -> String {
        if self.spares(row, scope) {
            format!("context.repeat || ({holds})")
        } else {
            holds.to_owned()
        }
    }

    /// The Cedar policy of a rule.
    fn policy(
        &self,
        node: Node<'_, '_>,
        id: &str,
        scope: &BTreeSet<Action>,
        notes: &str,
        (effect, conditions): &(&'static str, String),
    ) -> Result<CedarPolicy, Fault> {
        let actions = self.scope_text(scope);
        let text =
            format!("@id({id:?})\n{notes}\n{effect} (principal, {actions}, resource){conditions};");
        CedarPolicy::parse(Some(PolicyId::new(id)), &text).map_err(|error| {
            let what = error
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ");
            node.fault(format!("{id} is no Cedar: {what}"))
        })
    }

    /// The scope, as Cedar writes it: a group where it is one, else each action.
    fn scope_text(&self, scope: &BTreeSet<Action>) -> String {
        let whole = scope.iter().next().and_then(Action::group).filter(|group| {
            let all = self
                .actions
                .iter()
                .filter(|action| action.group() == Some(*group));
            all.clone().count() == scope.len()
                && all.into_iter().all(|action| scope.contains(action))
        });
        match whole {
            Some(group) => format!("action in Action::{group:?}"),
            None => {
                let each: Vec<String> = scope
                    .iter()
                    .map(|action| format!("Action::{:?}", action.name))
                    .collect();
                format!("action in [{}]", each.join(", "))
            }
        }
    }
}

/// What a generated policy says of itself, as one written by hand does.
fn annotations(row: &Row, order: i64, lacks: Option<&str>) -> String {
    let articles: Vec<&str> = row.paragraph.iter().map(String::as_str).collect();
    let reason = lacks.map(|reason| format!(" @reason({reason:?})"));
    let side = row.side.map(|side| match Side::from(side) {
        Side::Sender => " @side(\"sender\")",
        Side::Recipient => " @side(\"recipient\")",
    });
    format!(
        "@article({:?}) @order(\"{order}\"){}{}",
        articles.join(", "),
        reason.unwrap_or_default(),
        side.unwrap_or_default()
    )
}

/// What a rule without reason is called.
fn word(force: Force) -> &'static str {
    match force {
        Force::Permit => "permits",
        Force::Clarify => "clarifies",
        _ => "speaks",
    }
}

/// Where a node stands.
fn place(node: Node<'_, '_>) -> Place {
    Place {
        file: node.sheet.file.to_owned(),
        line: node.line(),
    }
}

/// Gives rules that would bear the same identifier a number each.
fn number(rules: &mut [Rule]) {
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    let permits: Vec<Option<String>> = rules.iter().map(|rule| rule.of.clone()).collect();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    let mut renamed = String::new();
    for (index, id) in ids.iter().enumerate() {
        let count = seen.entry(id).or_default();
        *count += 1;
        let twins = ids.iter().filter(|other| *other == id).count();
        let new = if twins > 1 {
            format!("{id} {count}")
        } else {
            id.clone()
        };
        let rule = &mut rules[index];
        rule.policy = rule.policy.new_id(PolicyId::new(&new));
        if rule.force == Force::Permit {
            renamed = new.clone();
        }
        if permits[index].is_some() {
            rule.of = Some(renamed.clone());
        }
        rule.id = new;
    }
}

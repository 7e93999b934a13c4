//! The red lines proven a second time, by a solver that nobody here wrote: at signing and in continuous integration.
//!
//! For every act and side what forbids leaves nothing of any violation region open, whatever any permit says; each region can
//! be reached; and no rule can fail to be evaluated. `unknown` and a dead solver mean: not proven. Every counterexample is replayed before it is
//! told. The proof without a solver ([`entente_cooperation::red_line`]) stands beside this one and never depends on it.

use std::{collections::BTreeSet, fmt, process::Stdio};

use cedar_policy::{
    AuthorizationError, Authorizer, Decision, Effect, Policy as CedarPolicy, PolicySet, RequestEnv,
    Schema,
};
use cedar_policy_symcc::{
    CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env, solver::LocalSolver,
};
use entente_cooperation::{act::Side, policy::Policy};
use tokio::process::Command;

/// How long the solver may think about one question, milliseconds. Its default limit is for the whole process.
const QUESTION_MS: u32 = 20_000;

/// A solver and how it is started.
#[derive(Clone, Debug)]
pub struct Solver {
    program: String,
}

/// What was asked and what came back.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many questions the solver answered as they should be.
    pub proven: usize,
    /// Everything that is not proven, in words.
    pub unproven: Vec<Unproven>,
}

/// Something that the solver did not prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// A point of a region that nothing forbids; replayed, and not refused.
    Hole {
        /// The red line.
        line: String,
        /// The action and the side.
        wherever: String,
        /// The point, in words.
        point: String,
    },
    /// A region that nothing can reach.
    Unreachable(String),
    /// A rule that can fail to be evaluated: the rule and the action.
    MayFail(String, String),
    /// A question without an answer: what was asked, and what the solver said.
    NoAnswer(String, String),
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unproven::Hole {
                line,
                wherever,
                point,
            } => {
                write!(
                    f,
                    "red line {line}: nothing forbids {wherever} with {point}"
                )
            }
            Unproven::Unreachable(line) => {
                write!(
                    f,
                    "the region of {line} cannot be reached: its proof says nothing"
                )
            }
            Unproven::MayFail(rule, action) => {
                write!(f, "{rule} can fail to be evaluated for {action}")
            }
            Unproven::NoAnswer(question, said) => write!(f, "not proven: {question}: {said}"),
        }
    }
}

impl Default for Solver {
    fn default() -> Self {
        Self {
            program: "cvc5".to_owned(),
        }
    }
}

impl Solver {
    /// Another program that speaks as cvc5 does.
    pub fn named(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
        }
    }

    /// Whether it is installed.
    pub async fn is_installed(&self) -> bool {
        let asked = Command::new(&self.program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.await.is_ok_and(|status| status.success())
    }

    /// Proves the red lines of these rules. Never fails: what cannot be proven stands in the report.
    pub async fn prove(&self, policy: &Policy) -> Report {
        let mut asking = Asking {
            solver: self,
            policy,
            compiler: None,
            report: Report::default(),
        };
        asking.ask_all().await;
        asking.report
    }

    /// A new process of the solver.
    fn start(&self) -> Result<CedarSymCompiler<LocalSolver>, String> {
        let mut command = Command::new(&self.program);
        command.args(["--lang", "smt", &format!("--tlimit-per={QUESTION_MS}")]);
        let solver = LocalSolver::from_command(&mut command).map_err(|error| error.to_string())?;
        CedarSymCompiler::new(solver).map_err(|error| error.to_string())
    }
}

/// What is true of one action: its schema, and the one environment in it.
struct Stage {
    action: String,
    schema: Schema,
    environment: RequestEnv,
}

impl Stage {
    fn of(policy: &Policy, action: &str) -> Result<Self, String> {
        let schema = policy.schema_of(action).ok_or("no such action")?;
        let schema = schema.map_err(|fault| fault.to_string())?;
        let environment = schema.request_envs().next().ok_or("no environment")?;
        Ok(Self {
            action: action.to_owned(),
            schema,
            environment,
        })
    }
}

/// The questions of one proof.
struct Asking<'s> {
    solver: &'s Solver,
    policy: &'s Policy,
    /// A process of the solver; none before the first question and after one that went unanswered.
    compiler: Option<CedarSymCompiler<LocalSolver>>,
    report: Report,
}

/// Asks one question. A solver that gave no answer is not asked again: the next question meets a new process.
macro_rules! ask {
    ($asking:expr, $question:ident, $($about:expr),+) => {{
        let running = match $asking.compiler.take() {
            Some(compiler) => Ok(compiler),
            None => $asking.solver.start(),
        };
        match running {
            Err(fault) => Err(fault),
            Ok(mut compiler) => match compiler.$question($($about),+).await {
                Ok(answer) => {
                    $asking.compiler = Some(compiler);
                    Ok(answer)
                }
                Err(fault) => Err(fault.to_string()),
            },
        }
    }};
}

impl Asking<'_> {
    /// Every question: action by action, with the facts that its rules read.
    async fn ask_all(&mut self) {
        let lines = self.policy.red_lines();
        let (mut reached, mut asked) = (BTreeSet::new(), BTreeSet::new());
        for action in self.policy.action_names() {
            let stage = match Stage::of(self.policy, action) {
                Ok(stage) => stage,
                Err(fault) => {
                    self.unanswered(action.to_owned(), fault);
                    continue;
                }
            };
            let own = lines
                .iter()
                .filter(|line| line.actions.iter().any(|name| name == action));
            let regions: Vec<CedarPolicy> = own.map(|line| line.region.clone()).collect();
            self.reach(&regions, &stage, &mut reached).await;
            let mut before = BTreeSet::new();
            for side in [Side::Sender, Side::Recipient] {
                let rules = self.policy.deciding(action, side);
                let rules: Vec<&CedarPolicy> =
                    rules.into_iter().flat_map(PolicySet::policies).collect();
                for rule in &rules {
                    // Actions of one kind have the same types: one answer for a rule holds for all of them.
                    if asked.insert((self.policy.kind_of_action(action), rule.id().to_string())) {
                        self.never_fails(rule, &stage).await;
                    }
                }
                let forbids: Vec<CedarPolicy> = rules
                    .into_iter()
                    .filter(|rule| rule.effect() == Effect::Forbid)
                    .cloned()
                    .collect();
                let ids: BTreeSet<String> =
                    forbids.iter().map(|rule| rule.id().to_string()).collect();
                if before.insert(ids) {
                    self.disjoint(&forbids, &regions, &stage, side).await;
                }
            }
        }
        let unreached = lines.iter().map(|line| line.region.id().to_string());
        let unreached = unreached.filter(|name| !reached.contains(name));
        self.report
            .unproven
            .extend(unreached.map(Unproven::Unreachable));
    }

    /// Notes the regions that an action can reach.
    async fn reach(
        &mut self,
        regions: &[CedarPolicy],
        stage: &Stage,
        reached: &mut BTreeSet<String>,
    ) {
        for region in regions {
            let name = region.id().to_string();
            if reached.contains(&name) {
                continue;
            }
            let set = PolicySet::from_policies([region.clone()]).unwrap_or_default();
            let answer = match CompiledPolicySet::compile(&set, &stage.environment, &stage.schema) {
                Ok(compiled) => ask!(self, check_always_denies_opt, &compiled),
                Err(fault) => Err(fault.to_string()),
            };
            match answer {
                Ok(true) => {}
                Ok(false) => drop(reached.insert(name)),
                Err(said) => {
                    self.unanswered(format!("{name} can be reached by {}", stage.action), said)
                }
            }
        }
    }

    /// One rule cannot fail to be evaluated for one action.
    async fn never_fails(&mut self, rule: &CedarPolicy, stage: &Stage) {
        let name = stage.action.clone();
        let compiled = CompiledPolicy::compile(rule, &stage.environment, &stage.schema);
        let answer = match compiled {
            Ok(compiled) => ask!(self, check_never_errors_opt, &compiled),
            Err(fault) => Err(fault.to_string()),
        };
        match answer {
            Ok(true) => self.report.proven += 1,
            Ok(false) => self
                .report
                .unproven
                .push(Unproven::MayFail(rule.id().to_string(), name)),
            Err(said) => self.unanswered(format!("{} never fails for {name}", rule.id()), said),
        }
    }

    /// What forbids an action on a side leaves nothing of these regions open, whatever any permit says.
    async fn disjoint(
        &mut self,
        forbids: &[CedarPolicy],
        regions: &[CedarPolicy],
        stage: &Stage,
        side: Side,
    ) {
        let wherever = format!("{} at the {}", stage.action, word(side));
        for region in regions {
            let line = region.id().to_string();
            let set = PolicySet::from_policies(forbids.iter().chain([region]).cloned())
                .unwrap_or_default();
            let answer = match CompiledPolicySet::compile(&set, &stage.environment, &stage.schema) {
                Ok(compiled) => ask!(self, check_always_denies_with_counterexample_opt, &compiled),
                Err(fault) => Err(fault.to_string()),
            };
            let question = || format!("{line}, {wherever}");
            match answer {
                Ok(None) => self.report.proven += 1,
                Ok(Some(point)) if permitted(&set, &point) => {
                    self.report.unproven.push(Unproven::Hole {
                        wherever: wherever.clone(),
                        point: point.to_string(),
                        line,
                    })
                }
                Ok(Some(point)) => {
                    let said = format!("a counterexample that does not replay: {point}");
                    self.unanswered(question(), said);
                }
                Err(said) => self.unanswered(question(), said),
            }
        }
    }

    fn unanswered(&mut self, question: String, said: String) {
        self.report
            .unproven
            .push(Unproven::NoAnswer(question, said));
    }
}

/// Whether a point is not refused: what the solver says is believed only when it is seen.
fn permitted(rules: &PolicySet, point: &Env) -> bool {
    let response = Authorizer::new().is_authorized(&point.request, rules, &point.entities);
    let broken: Vec<&AuthorizationError> = response.diagnostics().errors().collect();
    broken.is_empty() && response.decision() == Decision::Allow
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Sender => "sender",
        Side::Recipient => "recipient",
    }
}

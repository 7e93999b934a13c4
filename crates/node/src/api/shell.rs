//! What every handler sees: the node, who may ask, and in which words it is answered.

use std::sync::Arc;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use serde_json::{Value, json};

use super::{problem::Problem, token::Token, view::View};
use crate::{agreement::Agreement, config::Config, link::Link, node::Node};

/// What every handler sees.
#[derive(Clone)]
pub struct Shell {
    pub(super) node: Arc<Node>,
    pub(super) config: Arc<Config>,
    pub(super) token: Token,
}

/// The language in which an answer is read: the first of `Accept-Language`, else that of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(pub String);

impl Shell {
    /// What the API of this node sees.
    pub fn new(node: Arc<Node>, config: Arc<Config>, token: Token) -> Self {
        Self {
            node,
            config,
            token,
        }
    }

    /// An answer: its members, and what every answer says of the node's clock, legal times and nature.
    pub(super) fn answer(&self, mut members: Value) -> Json<Value> {
        let agreement = self.node.agreement();
        members["now"] = json!(self.node.clock.now());
        members["time_zones"] = json!(self.time_zones(&agreement));
        if let Some(notice) =
            crate::command::memorandum::notice(&agreement.memorandum, self.node.is_demo())
        {
            members["notice"] = json!(notice);
        }
        Json(members)
    }

    /// The legal times of the Parties, ours first.
    fn time_zones(&self, agreement: &Agreement) -> Vec<String> {
        let own = self.node.party();
        let parties = &agreement.memorandum.parties;
        let ours = parties.iter().filter(|party| party.id == own);
        let theirs = parties.iter().filter(|party| party.id != own);
        ours.chain(theirs)
            .map(|party| party.time_zone.clone())
            .collect()
    }

    /// The link with this partner.
    pub(super) fn link(&self, partner: &str) -> Result<Arc<Link>, Problem> {
        self.node.link(partner).ok_or_else(|| {
            let known: Vec<String> = self
                .node
                .links()
                .iter()
                .map(|link| link.partner.clone())
                .collect();
            Problem::absent(format!("`{partner}` is no accepted partner"))
                .what_to_do(format!("name one of: {}", known.join(", ")))
        })
    }
}

/// Does something that blocks, apart from the threads that serve.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Problem::broken("the node stumbled over this request")),
    }
}

/// How rows are shown to a reader.
pub(super) fn view<'a>(agreement: &'a Agreement, language: &'a Language) -> View<'a> {
    View {
        memorandum: &agreement.memorandum,
        language: &language.0,
    }
}

impl FromRequestParts<Shell> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Self, Self::Rejection> {
        let wanted = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let first = wanted.and_then(|wanted| wanted.split([',', ';', '-']).next());
        let known = first
            .map(str::trim)
            .filter(|code| (2..=8).contains(&code.len()) && *code != "*");
        let code = known.unwrap_or(&shell.config.desk.language);
        Ok(Self(code.to_lowercase()))
    }
}

//! Who is asking: the bearer token of the data folder, and the officer in whose name it asks.

use std::{fmt, fs, path::Path};

use aws_lc_rs::{constant_time, rand};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{OFFICER, Shell, problem::Problem};
use crate::folder;

/// The bearer token of one node: 64 hexadecimal digits. Shown to nobody, compared in constant time.
#[derive(Clone)]
pub struct Token(String);

/// An officer who asked with the right token. Only the check of the token makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    officer: String,
    organs: Vec<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// Draws a new token into a file that only its owner may read.
    pub fn create(path: &Path) -> std::io::Result<()> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| std::io::Error::other("no randomness"))?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        folder::write_private(path, format!("{hex}\n").as_bytes())
    }

    /// Reads the token of a data folder.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = fs::read_to_string(path)?.trim().to_owned();
        if text.len() < 32 {
            return Err(std::io::Error::other("it holds no token"));
        }
        Ok(Self(text))
    }

    fn is(&self, offered: &str) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), offered.as_bytes()).is_ok()
    }
}

impl Asker {
    /// Whether an act of this organ of ours is shown to the officer; an act without one is shown to all.
    pub fn sees(&self, organ: Option<&str>) -> bool {
        organ.is_none_or(|organ| self.organs.iter().any(|own| own == organ))
    }

    /// The identifier of the officer in `roster.toml`.
    pub fn officer(&self) -> &str {
        &self.officer
    }
}

/// Lets a request pass if it bears the token and names an officer of the roster (or nobody: then the officer of the
/// settings). Stands before every route.
pub async fn check(State(shell): State<Shell>, mut request: Request, next: Next) -> Response {
    match asker(&shell, request.headers()) {
        Ok(asker) => {
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn asker(shell: &Shell, headers: &HeaderMap) -> Result<Asker, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let offered = text(header::AUTHORIZATION.as_str()).and_then(|v| v.strip_prefix("Bearer "));
    if !offered.is_some_and(|offered| shell.token.is(offered)) {
        return Err(Problem::unauthorised());
    }
    let officer = text(OFFICER).unwrap_or(&shell.config.desk.officer);
    let Some(line) = shell.node.roster.officer(officer) else {
        return Err(
            Problem::forbidden(format!("no officer `{officer}` stands in the roster"))
                .at(OFFICER)
                .what_to_do(
                    "name one of roster.toml, or add the officer there and start the node again",
                ),
        );
    };
    Ok(Asker {
        officer: officer.to_owned(),
        organs: line.organs.clone(),
    })
}

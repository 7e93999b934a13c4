//! What went wrong, for whoever drives the API: what, where, and what to do.
//!
//! Source: RFC 9457, problem details for HTTP APIs.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::disk::Disk;

/// The type of a problem that is a "no" of the memorandum and no fault: its members hold the judgement.
pub const REFUSED: &str = "urn:entente:refused";

/// An answer other than success.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: String,
    more: Box<Map<String, Value>>,
}

impl Problem {
    /// The request is at fault in form: 400.
    pub fn malformed(title: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "urn:entente:malformed", title)
    }

    /// The token is missing or another: 401.
    pub fn unauthorised() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "urn:entente:unauthorised", "the token is missing or is not this node's")
            .what_to_do("send `Authorization: Bearer …` with the content of the file `token` in the data folder")
    }

    /// Known, but not to be done now or by this officer: 403.
    pub fn forbidden(title: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, "urn:entente:forbidden", title)
    }

    /// There is no such thing: 404.
    pub fn absent(title: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "urn:entente:absent", title)
    }

    /// The path has no such method: 405.
    pub fn method() -> Self {
        Self::of(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:entente:method",
            "this path has no such method",
        )
        .what_to_do("`GET /v1/openapi.json` lists every path with its methods")
    }

    /// What stands forbids it: 409.
    pub fn conflict(title: impl Into<String>) -> Self {
        Self::of(StatusCode::CONFLICT, "urn:entente:conflict", title)
    }

    /// The memorandum says no: 422. `judgement` says on which article, and what would make it permitted.
    pub fn refused(title: impl Into<String>, judgement: Value) -> Self {
        let mut problem = Self::of(StatusCode::UNPROCESSABLE_ENTITY, REFUSED, title);
        if let Value::Object(members) = judgement {
            problem.more.extend(members);
        }
        problem
    }

    /// Something of ours is out of order: 500.
    pub fn broken(title: impl Into<String>) -> Self {
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "urn:entente:broken",
            title,
        )
        .what_to_do("run `entente doctor`; nothing that was received is lost")
    }

    /// The disk takes nothing more: 507 if it is full, else 503. What was asked for is asked again once the disk is right.
    ///
    /// A commit that the disk refused may stand all the same after a crash, so nobody is told that nothing happened.
    pub fn disk(title: impl Into<String>, disk: Disk) -> Self {
        let (status, kind) = match disk {
            Disk::Full => (StatusCode::INSUFFICIENT_STORAGE, "urn:entente:disk_full"),
            Disk::Unwritable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:entente:disk_unwritable",
            ),
        };
        let hint = format!(
            "{}. Then ask again: one draft is sent once",
            disk.what_to_do()
        );
        Self::of(status, kind, title)
            .detail(disk.words())
            .what_to_do(hint)
    }

    fn of(status: StatusCode, kind: &'static str, title: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            title: title.into(),
            more: Box::default(),
        }
    }

    /// The particulars.
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.member("detail", json!(detail.into()))
    }

    /// Where: a slot, a member, a file and line.
    pub fn at(self, place: impl Into<String>) -> Self {
        self.member("at", json!(place.into()))
    }

    /// What whoever asked can do about it.
    pub fn what_to_do(self, hint: impl Into<String>) -> Self {
        self.member("what_to_do", json!(hint.into()))
    }

    /// A further member.
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut members = *self.more;
        members.insert("type".to_owned(), json!(self.kind));
        members.insert("title".to_owned(), json!(self.title));
        members.insert("status".to_owned(), json!(self.status.as_u16()));
        let body = Value::Object(members).to_string();
        (
            self.status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response()
    }
}

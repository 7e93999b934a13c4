//! What a request asks: bodies and queries read once, and what is wrong with them told as every problem is.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A body of JSON, read into `T`; what is wrong with it is told as every problem is.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|e| {
            Problem::malformed("the request is too large or broke off")
                .detail(e.to_string())
                .what_to_do("send at most 8 MiB")
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| {
            Problem::malformed("the request is not understood")
                .detail(e.to_string())
                .what_to_do("send JSON as `GET /v1/openapi.json` describes it")
        })
    }
}

/// The query of a request, read into `T`.
#[derive(Clone, Debug)]
pub struct Sought<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Sought<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(sought)| Self(sought)).map_err(|e| {
            Problem::malformed("the query is not understood")
                .detail(e.body_text())
                .what_to_do("`GET /v1/openapi.json` lists what each path takes")
        })
    }
}

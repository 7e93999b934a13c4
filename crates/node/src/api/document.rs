//! The document that describes the API, OpenAPI 3.1.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// The document, as it is served and committed.
pub const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

/// `GET /v1/openapi.json`
pub async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::super::PATHS;

    #[test]
    fn the_document_lists_exactly_the_routes_there_are() {
        let document: Value = serde_json::from_str(super::DOCUMENT).unwrap();
        let listed: BTreeMap<&str, Vec<&str>> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, item)| (path.as_str(), methods(item)))
            .collect();
        let routed: BTreeMap<&str, Vec<&str>> = PATHS
            .iter()
            .map(|(path, methods)| (*path, methods.to_vec()))
            .collect();
        assert_eq!(listed, routed);
    }

    fn methods(item: &Value) -> Vec<&str> {
        let known = ["get", "post", "put", "delete", "patch"];
        known
            .into_iter()
            .filter(|method| item.get(method).is_some())
            .collect()
    }
}

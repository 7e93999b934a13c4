//! The API: nothing without the token, bodies as the document says, problems that say what to do.

use entente_node::api::{PATHS, document::DOCUMENT};
use serde_json::{Value, json};

use crate::{
    snapshot::{assert_same, settled},
    world::{ask, world},
};

/// A path with its places filled from the world.
fn filled(path: &str) -> String {
    path.replace("{name}", "BE-2026-000417%2F1")
        .replace("{case}", "BE-2026-000417")
        .replace("{partner}", "ma")
        .replace("{whose}", "own")
}

#[test]
fn every_route_needs_the_token() {
    for (path, methods) in PATHS {
        for method in methods {
            let (status, body) = ask(
                "be",
                &method.to_uppercase(),
                &filled(path),
                Some(&json!({})),
                false,
            );
            assert_eq!(
                (status, &body["type"]),
                (401, &json!("urn:entente:unauthorised")),
                "{method} {path}"
            );
            assert!(body["what_to_do"].is_string());
        }
    }
    assert_eq!(ask("be", "GET", "/v1/nothing", None, false).0, 401);
}

/// Whether a body is one that the document allows for this answer.
fn fits(path: &str, method: &str, status: u16, media: &str, body: &Value) {
    let mut schema: Value = serde_json::from_str(DOCUMENT).unwrap();
    let escaped = |text: &str| text.replace('~', "~0").replace('/', "~1");
    let response = format!("/paths/{}/{method}/responses/{status}", escaped(path));
    let target = match schema
        .pointer(&format!("{response}/$ref"))
        .and_then(Value::as_str)
    {
        Some(shared) => format!("{shared}/content/{}/schema", escaped(media)),
        None => format!("#{response}/content/{}/schema", escaped(media)),
    };
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    // Braces are no part of a URI reference (RFC 3986).
    schema["$ref"] = json!(target.replace('{', "%7B").replace('}', "%7D"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{method} {path} {status}\n{}\n{body:#}",
        faults.join("\n")
    );
}

#[test]
fn every_answer_is_one_that_the_document_describes() {
    world();
    for (path, methods) in PATHS {
        if !methods.contains(&"get") {
            continue;
        }
        let (status, body) = ask("be", "GET", &filled(path), None, true);
        assert_eq!(status, 200, "{path} {body:#}");
        let media = if path == "/v1/metrics" {
            "text/plain"
        } else {
            "application/json"
        };
        fits(path, "get", status, media, &body);
        let (name, body) = (
            path.trim_start_matches("/v1/")
                .replace(['/', '{', '}'], "-"),
            format!("{body:#}\n"),
        );
        if !matches!(
            path,
            "/v1/keys"
                | "/v1/metrics"
                | "/v1/schema"
                | "/v1/openapi.json"
                | "/v1/memorandum"
                | "/v1/doctor"
        ) && !name.contains("proof")
            && !path.starts_with("/v1/ledgers/")
        {
            assert_same(
                &format!("api-{name}.txt"),
                &format!("{status}\n{}", settled(&body, world().path())),
            );
        }
    }
    let (status, body) = ask("ma", "GET", "/v1/inbox", None, true);
    fits("/v1/inbox", "get", status, "application/json", &body);
    let (status, body) = ask("ma", "GET", "/v1/cases/BE-2026-000417", None, true);
    fits("/v1/cases/{case}", "get", status, "application/json", &body);
    let (status, body) = ask(
        "ma",
        "GET",
        "/v1/acts/BE-2026-000417%2F1?why=test",
        None,
        true,
    );
    fits("/v1/acts/{name}", "get", status, "application/json", &body);
}

#[test]
fn a_draft_handed_in_as_json_is_judged_as_its_file_is() {
    let world = world();
    let text = std::fs::read_to_string(world.path().join("request.toml"))
        .unwrap()
        .replace("000417", "000903");
    let (status, as_text) = ask(
        "be",
        "POST",
        "/v1/judgements",
        Some(&json!({ "draft": text })),
        true,
    );
    fits(
        "/v1/judgements",
        "post",
        status,
        "application/json",
        &as_text,
    );
    let parts: toml::Table = toml::from_str(&text).unwrap();
    let (status, as_json) = ask(
        "be",
        "POST",
        "/v1/judgements",
        Some(&serde_json::to_value(parts).unwrap()),
        true,
    );
    assert_eq!(status, 200, "{as_json:#}");
    assert_eq!(as_text, as_json);
}

#[test]
fn every_problem_says_what_was_wrong_where_and_what_to_do() {
    let world = world();
    let refused = std::fs::read_to_string(world.path().join("request.toml"))
        .unwrap()
        .replace("000417", "000904")
        .replace("bulk = false", "bulk = true");
    let asked: [(&str, &str, Option<Value>); 9] = [
        ("GET", "/v1/nothing", None),
        ("DELETE", "/v1/acts", None),
        ("POST", "/v1/acts", Some(json!({ "draft": refused }))),
        ("POST", "/v1/acts", Some(json!({ "draft": "act = 1" }))),
        ("POST", "/v1/acts", Some(json!({ "nonsense": 1 }))),
        ("GET", "/v1/acts/BE-2026-999999%2F1", None),
        ("GET", "/v1/outbox?limit=many", None),
        ("GET", "/v1/ledgers/xx/own", None),
        ("POST", "/v1/clock", Some(json!({}))),
    ];
    let mut text = String::new();
    for (method, path, body) in asked {
        let (status, body) = ask("be", method, path, body.as_ref(), true);
        assert!(
            body["what_to_do"].is_string() || body["because"].is_array(),
            "{method} {path} {body:#}"
        );
        text.push_str(&format!("{method} {path}\n{status}\n{body:#}\n\n"));
    }
    assert_same("api-problems.txt", &settled(&text, world.path()));
}

//! The OpenAPI 3.1 document, made of the table of routes and of the types in it.
//!
//! Start at [`document`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::names::{PAGE_WORD, SESSION};
use crate::problem::Written;
use crate::table::{DeviceMay, Facts, Typed};

/// The document of these routes.
pub fn document<'f>(routes: impl IntoIterator<Item = &'f Facts>) -> Value {
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let problem = serde_json::to_value(Written::schema()).unwrap_or_default();
    schemas.insert(Written::name().into_owned(), problem);
    let mut paths: Map<String, Value> = Map::new();
    for facts in routes {
        for typed in facts.body.iter().chain(&facts.answer) {
            schemas.extend(typed().schemas);
        }
        let path = paths.entry(facts.path).or_insert_with(|| json!({}));
        path[facts.method.as_str().to_ascii_lowercase()] = operation(facts);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "description": "What a box answers over HTTPS.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": SESSION },
                "pageWord": { "type": "apiKey", "in": "header", "name": PAGE_WORD },
                "device": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn operation(facts: &Facts) -> Value {
    let mut operation = json!({
        "operationId": id_of(facts),
        "summary": facts.about,
        "description": who(facts),
        "tags": [facts.path.split('/').nth(3).unwrap_or("box")],
        "parameters": parameters(facts),
        "security": security(facts),
        "responses": responses(facts),
    });
    if let Some(body) = &facts.body {
        operation["requestBody"] = json!({ "required": true, "content": content(&body()) });
    }
    operation
}

fn content(typed: &Typed) -> Value {
    json!({ "application/json": { "schema": reference(&typed.name) } })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// `get_jobs_job` for `GET /api/v1/jobs/{job}`.
fn id_of(facts: &Facts) -> String {
    let parts = facts.path.split('/').skip(3).filter(|part| !part.is_empty());
    let words = parts.map(|part| part.replace(['{', '}', '*'], "").replace(['-', '.'], "_"));
    let words = std::iter::once(facts.method.as_str().to_ascii_lowercase()).chain(words);
    words.collect::<Vec<_>>().join("_")
}

fn who(facts: &Facts) -> String {
    let Some(roles) = facts.needs.roles else { return "Anybody.".to_owned() };
    let roles: Vec<String> = roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
    let elevated = if facts.needs.elevated { " Needs the password once more." } else { "" };
    let device = match facts.needs.device {
        DeviceMay::Nothing => "",
        DeviceMay::Read => " Or a device whose token may read.",
        DeviceMay::Add => " Or a device whose token may add.",
        DeviceMay::Anything => " Or a device.",
    };
    format!("Who may: {}.{elevated}{device}", roles.join(", "))
}

fn parameters(facts: &Facts) -> Vec<Value> {
    let in_path =
        facts.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| {
        let name = name.trim_start_matches('*');
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    let in_query = facts.query.iter().map(|(name, about)| {
        json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).collect()
}

fn security(facts: &Facts) -> Value {
    if facts.needs.roles.is_none() {
        return json!([]);
    }
    let session = match facts.method.as_str() {
        "GET" | "HEAD" => json!({ "session": [] }),
        _ => json!({ "session": [], "pageWord": [] }),
    };
    match facts.needs.device {
        DeviceMay::Nothing => json!([session]),
        _ => json!([session, { "device": [] }]),
    }
}

fn responses(facts: &Facts) -> Value {
    let mut success = json!({ "description": "Done." });
    if let Some(answer) = &facts.answer {
        success["content"] = content(&answer());
    } else if let Some(media) = facts.media {
        success["content"] = json!({ media: { "schema": { "type": "string" } } });
    }
    let problem = json!({
        "description": "Why not, and what to do.",
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    });
    json!({ facts.status.to_string(): success, "default": problem })
}

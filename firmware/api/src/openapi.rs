//! The OpenAPI 3.1 document, made of the table of routes and of the types in it.
//!
//! Start at [`document`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::names::{PAGE_WORD, SESSION};
use crate::problem::Written;
use crate::table::{DeviceMay, Facts, Said, Shape, Typed, Word};

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
    schemas.values_mut().for_each(one_word_alone);
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

/// What is one of several kinds, each under its own word, has one of the words and no other: the derived
/// description leaves that open.
fn one_word_alone(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(kinds)) = map.get_mut("oneOf") {
                for kind in kinds {
                    let words = kind.get("properties").and_then(Value::as_object).map(Map::len);
                    if words == Some(1) && kind.get("required").is_some() {
                        kind["additionalProperties"] = json!(false);
                    }
                }
            }
            map.values_mut().for_each(one_word_alone);
        }
        Value::Array(all) => all.iter_mut().for_each(one_word_alone),
        _ => {}
    }
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
    } else if let Some(media) = facts.bytes {
        // Without a schema it is any bytes at all, as OpenAPI 3.1 has it.
        operation["requestBody"] = json!({ "content": { media: {} } });
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
    in_path.chain(facts.words.iter().map(word)).collect()
}

fn word(word: &Word) -> Value {
    let place = if word.said.is_after_the_mark() { "query" } else { "header" };
    json!({
        "name": word.name,
        "in": place,
        "required": matches!(word.said, Said::InHeader | Said::NeededAfterTheMark),
        "description": word.about,
        "schema": schema(word.shape),
    })
}

fn schema(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Like(pattern) => json!({ "type": "string", "pattern": pattern }),
        Shape::Exactly(text) => json!({ "type": "string", "enum": [text] }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Number(most) => json!({ "type": "integer", "minimum": 0, "maximum": most }),
        Shape::Seconds => json!({ "type": "integer", "format": "int64" }),
    }
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
        let kind = if media == "application/json" { "object" } else { "string" };
        success["content"] = json!({ media: { "schema": { "type": kind } } });
    }
    let problem = json!({
        "description": "Why not, and what to do.",
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    });
    let mut responses = json!({ "default": problem });
    for (status, about) in &facts.others {
        responses[status.to_string()] = json!({ "description": about });
        if let (206, Some(content)) = (*status, success.get("content")) {
            responses[status.to_string()]["content"] = content.clone();
        }
    }
    responses[facts.status.to_string()] = success;
    responses
}

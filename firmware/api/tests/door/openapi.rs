//! The document says what there is: all of it, and nothing that is not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::client::Call;
use crate::rig::Rig;

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(to)) = map.get("$ref") {
                found.insert(to.clone());
            }
            map.values().for_each(|inner| references(inner, found));
        }
        Value::Array(all) => all.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn the_document_names_every_route_of_the_table_and_every_reference_leads_somewhere() {
    let rig = Rig::new();
    let answer = rig.send(&Call::new("GET", "/api/v1/openapi.json"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = 0;
    let mut ids = BTreeSet::new();
    for route in api::routes() {
        let method = route.facts.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.facts.path][&method];
        assert_eq!(operation["summary"], route.facts.about, "{} {method}", route.facts.path);
        let id = operation["operationId"].as_str().expect("an id").to_owned();
        assert!(ids.insert(id.clone()), "{id} twice");
        let open = operation["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(open, route.facts.needs.roles.is_none(), "{}", route.facts.path);
        operations += 1;
    }
    let paths = document["paths"].as_object().expect("paths");
    let stated: usize = paths.values().map(|one| one.as_object().map_or(0, |all| all.len())).sum();
    assert_eq!(stated, operations, "and nothing else");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{}", found.len());
    for reference in found {
        let place = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
}

/// Two types were called `Done`, and two `Entries` and `Entry`: one took the other's place in the document, which
/// then promised a `path` where there is none. A validator of the document saw nothing wrong with that.
#[test]
fn no_two_types_of_the_document_have_one_name() {
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut types = 0;
    for route in api::routes() {
        for typed in route.facts.body.iter().chain(&route.facts.answer) {
            for (name, schema) in typed().schemas {
                types += 1;
                let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*before, schema, "two types are called {name}");
            }
        }
    }
    assert!(types > known.len() && known.len() > 50, "{types} {}", known.len());
}

/// What is said of a path was "an object", of a number "text", and of the headers of tus nothing.
#[test]
fn numbers_flags_paths_and_headers_are_described_as_what_they_are() {
    let routes = api::routes();
    let document = api::document(routes.iter().map(|route| &route.facts));
    let word = |method: &str, path: &str, name: &str| {
        let all = document["paths"][path][method]["parameters"].as_array().expect("a list");
        let found = all.iter().find(|one| one["name"] == name);
        found.cloned().unwrap_or_else(|| panic!("{method} {path} has no {name}"))
    };
    assert_eq!(word("get", "/api/v1/jobs", "items")["schema"]["type"], "integer");
    let content = "/api/v1/files/{source}/content";
    assert_eq!(word("delete", content, "recursive")["schema"]["type"], "boolean");
    assert_eq!(word("get", content, "range")["in"], "header");
    let upload = "/api/v1/uploads/{upload}";
    assert_eq!(word("patch", upload, "upload-offset")["required"], true);
    let body = &document["paths"][upload]["patch"]["requestBody"]["content"];
    assert!(body.get("application/offset+octet-stream").is_some(), "{body}");
    let folder = &document["components"]["schemas"]["Folder"]["properties"]["path"];
    assert!(folder.to_string().contains("RawPath"), "{folder}");
    let own = &document["paths"]["/api/v1/openapi.json"]["get"]["responses"]["200"]["content"];
    assert_eq!(own["application/json"]["schema"]["type"], "object");
}

/// A word of the vault beside a password was described as right, and refused.
#[test]
fn one_of_several_kinds_is_described_with_its_own_word_and_no_other() {
    let routes = api::routes();
    let document = api::document(routes.iter().map(|route| &route.facts));
    for name in ["Secret", "DeviceScope"] {
        let kinds = document["components"]["schemas"][name]["oneOf"].as_array().expect("kinds");
        assert!(kinds.len() > 1, "{name}");
        assert!(kinds.iter().all(|kind| kind["additionalProperties"] == false), "{name}");
    }
}

#[test]
fn no_secret_is_described_as_anything_but_a_password() {
    let rig = Rig::new();
    let document = rig.send(&Call::new("GET", "/api/v1/openapi.json")).json();
    let secret = &document["components"]["schemas"]["SecretText"];
    assert_eq!(secret["format"], "password", "{secret}");
}

/// The page's types are made of a copy of the document, which it is built from without a box.
#[test]
fn the_page_is_built_for_these_routes() {
    let routes = api::routes();
    let document = api::document(routes.iter().map(|route| &route.facts));
    let text = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kept = std::fs::read_to_string(root.join("web-ui/openapi.json")).unwrap_or_default();
    if kept != text {
        let fresh = root.join("target/openapi.json");
        let mut file = std::fs::File::create(fresh).expect("the target folder can be written");
        file.write_all(text.as_bytes()).expect("there is room");
        panic!(
            "web-ui/openapi.json is of other routes: `cp target/openapi.json web-ui/ && npm --prefix web-ui run types`"
        );
    }
}

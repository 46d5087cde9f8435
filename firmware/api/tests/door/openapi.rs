//! The document says what there is: all of it, and nothing that is not.

use std::collections::BTreeSet;
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

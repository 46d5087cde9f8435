//! Requests to the routes about friends that they would understand, and an answer about coming back.

use calls::{Answer as Said, Job, StartedJob};
use serde_json::{Value, json};

/// Names of friends, offers and invites in a path.
pub(crate) fn path(path: &str) -> String {
    path.replace("{friend}", "Ana").replace("{offer}", "00").replace("{invite}", "00")
}

/// What is sent; nothing to the routes about anything else.
pub(crate) fn body(path: &str) -> Value {
    let keeps = json!({ "bytes": 0, "not_before_days": 30, "silence_months": 12 });
    let terms = json!({ "here": keeps, "there": keeps, "notice_days": 30 });
    match path.rsplit('/').next().unwrap_or_default() {
        "reach" => json!({ "reach": { "nothing": {} } }),
        "invites" | "terms" => json!({ "terms": terms }),
        "offers" => json!({ "ticket": "HFI0" }),
        "messages" => json!({ "text": "hello" }),
        "answer" if path.ends_with("terms/answer") => json!({ "pact": "00", "yes": false }),
        "answer" => json!({ "yes": false }),
        "shorter" if path.ends_with("answer/shorter") => json!({ "pact": "00", "words": "one" }),
        "shorter" => json!({ "terms": terms, "words": "one" }),
        "end" | "stop" | "block" => json!({ "name": "Ana" }),
        _ => json!({}),
    }
}

/// What a fresh box says of the vault that it brought back, with the job that fetches the data.
pub(crate) fn reborn(job: Job) -> Said {
    Said::Reborn(Box::new(calls::Reborn {
        vault: "v".to_owned(),
        written_ms: 0,
        versions: 1,
        friends: vec!["Bo".to_owned()],
        packs: 0,
        bytes: 0,
        job: StartedJob { job, already_there: false },
        odd: vec![],
    }))
}

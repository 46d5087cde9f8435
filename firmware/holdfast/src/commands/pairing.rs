//! `holdfast pair` and `unpair`: which boxes over the network this computer is known to.
//!
//! Start at [`pair`].

use std::path::Path;

use computer::Split;
use serde_json::json;

use super::computer::folders;
use crate::Result;
use crate::args_of_computers::Pair;
use crate::fail::CliError;
use crate::secrets;
use crate::session::{Context, Done};

/// Pairs.
pub(super) fn pair(context: &Context, args: &Pair) -> Result<Done> {
    let code = match (&args.code, &args.code_file) {
        (Some(code), _) => Split::read(code)?,
        (None, Some(file)) => Split::read(&secrets::text_from(file, &context.out)?)?,
        (None, None) => Split::read(&secrets::pairing_code()?)?,
    };
    let here = args.box_name.as_deref().unwrap_or(&args.address);
    let computer = args.name.clone().unwrap_or_else(super::backup::host);
    let paired = computer::pair(&folders()?, (&args.address, &code), here, &computer)?;
    let out = &context.out;
    out.line(format_args!(
        "paired with {here}: this computer is {} of {}",
        paired.source, paired.person
    ));
    out.line(format_args!("back it up with `holdfast --box {here} backup PATH`"));
    out.document(&json!({ "box": here, "source": paired.source, "person": paired.person }));
    Ok(Done::Clean)
}

/// Forgets a box.
pub(super) fn unpair(context: &Context, name: &str) -> Result<Done> {
    let folders = folders()?;
    let address = folders.load(name).map(|pairing| pairing.address).ok();
    folders.forget(name)?;
    let out = &context.out;
    out.line(format_args!("this computer forgot {name}; what it stored there stays"));
    let page = address.as_deref().unwrap_or("the box");
    out.line(format_args!(
        "{page} lists it among its devices until it is taken off there, in the page or over HTTPS"
    ));
    out.document(&json!({ "forgotten": name }));
    Ok(Done::Clean)
}

/// Refuses a name that is neither that of a box which this computer is paired with nor a socket's.
pub(super) fn must_be_known(context: &Context) -> Result<()> {
    let named = context.global.running_box.as_deref();
    let Some(name) = named.filter(|name| *name != Path::new("default")) else { return Ok(()) };
    // A path with folders in it means a socket, whoever made it or not.
    if name.components().count() > 1 || name.exists() {
        return Ok(());
    }
    let names = folders().map(|folders| folders.names()).unwrap_or_default();
    let paired = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Err(CliError::NoSuchBox { name: name.display().to_string(), paired })
}

//! `holdfast catalog rebuild`: throws the catalog away and makes it again from the packs.
//!
//! Nothing can be lost: the catalog is a cache. Start at [`run`].

use catalog::Catalog;
use serde_json::json;
use vault::Access;

use crate::Result;
use crate::args::CatalogCommand;
use crate::session::{self, Context, Done, Session};

/// Cache for a catalog that is opened only to be given up.
const CACHE_BYTES: usize = 1 << 20;

/// Rebuilds the catalog.
pub(super) fn run(context: &Context, command: &CatalogCommand) -> Result<Done> {
    let CatalogCommand::Rebuild = command;
    let config = session::load(&context.global)?;
    // Opened first, because that is what tells whether another process uses it.
    let (old, _) = Catalog::open(Some(&config.catalog()), config.vault, CACHE_BYTES)?;
    // Condemned, so that it is given up even if it cannot be removed.
    old.condemn();
    drop(old);
    std::fs::remove_file(config.catalog()).ok();
    Session::run(context, Access::ReadWrite, |session| {
        let snapshots = session.vault.snapshots(None)?.len();
        let catalog = session.config.catalog();
        context.out.line(format_args!(
            "the catalog {} was made anew; {}",
            catalog.display(),
            crate::show::count(snapshots as u64, "snapshot")
        ));
        context.out.document(&json!({ "catalog": catalog, "snapshots": snapshots }));
        Ok(Done::Clean)
    })
}

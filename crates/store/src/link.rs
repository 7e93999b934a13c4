//! Links and the versions of the memorandum that we hold.

use jiff::Timestamp;

use crate::{
    Store, StoreError,
    sql::{Row, values},
};

/// The number of a link in this database; it has no meaning outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(crate) i64);

/// A link: one memorandum, one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The memorandum's identifier.
    pub memorandum: String,
    /// Our own Party.
    pub party: String,
    /// The partner.
    pub partner: String,
    /// Whether both are demonstrations.
    pub demo: bool,
    /// When it was opened first.
    pub opened_at: Timestamp,
}

/// A version of a memorandum that we hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The digest over its files, hexadecimal.
    pub digest: String,
    /// Its number.
    pub number: String,
    /// Since when we hold it.
    pub held_since: Timestamp,
}

impl Store {
    /// The number of this link and when it was first opened; it is made if it is new. A demonstration stays one.
    pub fn link(&self, link: &Link) -> Result<(LinkId, Timestamp), StoreError> {
        self.write(|transaction| {
            transaction.run(
                "insert into link (link, memorandum, party, partner, demo, opened_at_ns)
                 values ((select coalesce(max(link), 0) + 1 from link), $1, $2, $3, $4, $5) on conflict do nothing",
                &values![&link.memorandum, &link.party, &link.partner, link.demo, link.opened_at],
            )?;
            let found = transaction.one(
                "select link, demo, opened_at_ns from link where memorandum = $1 and party = $2 and partner = $3 limit 1",
                &values![&link.memorandum, &link.party, &link.partner],
                |row| Ok((LinkId(row.get(0)?), row.get::<bool>(1)?, row.instant(2)?)),
            )?;
            match found {
                Some((id, demo, opened_at)) if demo == link.demo => Ok((id, opened_at)),
                _ => Err(StoreError::Moved("link")),
            }
        })
    }

    /// Notes that a version is held. Running it again changes nothing.
    pub fn hold_version(&self, memorandum: &str, version: &Version) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.run(
                "insert into version (memorandum, digest, number, held_since_ns) values ($1, $2, $3, $4)
                 on conflict do nothing",
                &values![memorandum, &version.digest, &version.number, version.held_since],
            )?;
            Ok(())
        })
    }

    /// The versions held, in the order in which they came.
    pub fn versions(&self, memorandum: &str) -> Result<Vec<Version>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select digest, number, held_since_ns from version where memorandum = $1
                 order by held_since_ns, digest limit 1000",
                &values![memorandum],
                version,
            )
        })
    }
}

fn version(row: &Row<'_>) -> Result<Version, StoreError> {
    Ok(Version {
        digest: row.get(0)?,
        number: row.get(1)?,
        held_since: row.instant(2)?,
    })
}

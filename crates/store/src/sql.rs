//! The database: one writer, a few readers, and the few words in which the other files speak to it.
//!
//! The text of every statement is common to SQLite and PostgreSQL: `$1` first appears before `$2`, keys are given and
//! never drawn, `on conflict` instead of caught errors, order and limit always.

use std::{
    fs::{OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use rusqlite::{
    Connection, OpenFlags, TransactionBehavior,
    config::DbConfig,
    params_from_iter,
    types::{FromSql, ToSqlOutput, ValueRef},
};

use crate::{StoreError, migration};

/// How many connections read at the same time. Who comes beyond waits: a read is short, opening a connection is not.
const READERS: usize = 4;

/// Everything a node keeps, in one SQLite file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Readers>,
    returned: Condvar,
    commits: AtomicU64,
    /// Whether something was erased whose page may stand in the write-ahead log.
    untidy: AtomicBool,
    /// Whether the last transaction that wrote found the disk unusable.
    unwritable: AtomicBool,
}

impl Store {
    /// Opens the file at `path`, makes it if absent, and brings its schema up to date.
    ///
    /// Fails if the file cannot be used or was written by a later version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        private(path).map_err(|_| StoreError::Unreadable("database file"))?;
        let mut writer = Connection::open(path)?;
        prepare(&writer)?;
        migration::run(&mut writer)?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            returned: Condvar::new(),
            commits: AtomicU64::new(0),
            untidy: AtomicBool::new(false),
            unwritable: AtomicBool::new(false),
        })
    }

    /// Runs `work` as the one writer, in one transaction.
    ///
    /// Commits when `work` succeeds; otherwise nothing of it is kept. A panic rolls back as well, so a poisoned lock
    /// guards a sound connection.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let written = self.commit(work);
        if !matches!(
            written,
            Err(StoreError::Moved(_) | StoreError::Forbidden(_))
        ) {
            let unusable = matches!(written, Err(StoreError::Unavailable(_)));
            self.unwritable.store(unusable, Ordering::Relaxed);
        }
        written
    }

    fn commit<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = lock(&self.writer);
        let transaction =
            Transaction(connection.transaction_with_behavior(TransactionBehavior::Immediate)?);
        let result = work(&transaction)?;
        // COMMIT: before it nothing happened, after it everything did. A crash in between is the database's to repair,
        // which it does when it is next opened.
        transaction.0.commit()?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(result)
    }

    /// How many transactions were committed since the store was opened.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Whether the last transaction that wrote found the disk full, read-only or broken. The next that succeeds ends it.
    pub fn is_unwritable(&self) -> bool {
        self.unwritable.load(Ordering::Relaxed)
    }

    /// Runs `work` on one unchanging view of the database; it cannot write.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend()?;
        let transaction = Transaction(lent.connection()?.transaction()?);
        work(&transaction)
    }

    /// A connection that reads: an idle one, a new one, or the next that comes back.
    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let mut readers = lock(&self.readers);
        while readers.idle.is_empty() && readers.lent >= READERS {
            let woken = self.returned.wait(readers);
            readers = woken.unwrap_or_else(PoisonError::into_inner);
        }
        readers.lent += 1;
        let idle = readers.idle.pop();
        drop(readers);
        Ok(Lent {
            store: self,
            connection: idle,
        })
    }

    /// Moves what stands in the write-ahead log into the file and truncates it, so that what was deleted is gone from
    /// the disk. Called when the node starts, and after an erasure.
    ///
    /// Fails as unavailable if a reader held it up; then it is tried again.
    pub fn tidy(&self) -> Result<(), StoreError> {
        let writer = lock(&self.writer);
        let busy: i64 =
            writer.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(StoreError::Busy);
        }
        self.untidy.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The same if something was erased since it was last done.
    pub fn tidy_after_erasure(&self) -> Result<(), StoreError> {
        if self.untidy.load(Ordering::Relaxed) {
            self.tidy()?;
        }
        Ok(())
    }

    /// Something was erased.
    pub(crate) fn erased(&self) {
        self.untidy.store(true, Ordering::Relaxed);
    }
}

/// Makes the file readable by its owner only, before anything stands in it. What SQLite writes beside it has the same mode.
pub(crate) fn private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))
}

/// The connections that read.
#[derive(Debug, Default)]
struct Readers {
    idle: Vec<Connection>,
    lent: usize,
}

/// A connection that reads, lent until this is dropped. A panic of its user rolls back, so it is sound when it comes back.
struct Lent<'a> {
    store: &'a Store,
    connection: Option<Connection>,
}

impl Lent<'_> {
    fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => reader(&self.store.path)?,
        };
        Ok(self.connection.insert(connection))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut readers = lock(&self.store.readers);
        readers.lent -= 1;
        readers.idle.extend(self.connection.take());
        drop(readers);
        self.store.returned.notify_one();
    }
}

/// The lock, also after a panic of its holder: a transaction that was not committed has been rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `synchronous=full`: what was committed survives the power. `secure_delete=on`: what was deleted cannot be read again,
/// overflow pages included. `trusted_schema=off`: the file cannot make us run what it holds.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "pragma page_size = 16384; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
         pragma trusted_schema = off; pragma secure_delete = on; pragma busy_timeout = 5000; pragma cache_size = -65536;
         pragma temp_store = memory; pragma wal_autocheckpoint = 1000",
    )?;
    // A plan that depends on the values bound is made anew at every call; ours depend on the text alone.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.execute_batch("pragma query_only = on; pragma cache_size = -16384")?;
    Ok(connection)
}

/// A transaction, and the few things one does in it.
pub(crate) struct Transaction<'a>(rusqlite::Transaction<'a>);

impl Transaction<'_> {
    /// Runs a statement; how many rows it touched.
    pub(crate) fn run(&self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.execute(params_from_iter(values))?)
    }

    /// All rows of a query, each read by `row`.
    pub(crate) fn all<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        mut row: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(next) = rows.next()? {
            found.push(row(&Row(next))?);
        }
        Ok(found)
    }

    /// The first row of a query.
    pub(crate) fn one<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, values, row)?.into_iter().next())
    }

    /// The number that a query counts.
    pub(crate) fn count(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let counted = self.one(sql, values, |row| row.number(0))?;
        Ok(counted.unwrap_or(0))
    }
}

/// One row of an answer, columns counted from 0.
pub(crate) struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    /// A column as it is.
    pub(crate) fn get<T: FromSql>(&self, column: usize) -> Result<T, StoreError> {
        Ok(self.0.get(column)?)
    }

    /// A number that is never negative.
    pub(crate) fn number(&self, column: usize) -> Result<u64, StoreError> {
        let number: i64 = self.get(column)?;
        u64::try_from(number).map_err(|_| StoreError::Unreadable("number"))
    }

    /// An instant, kept as nanoseconds since 1970.
    pub(crate) fn instant(&self, column: usize) -> Result<Timestamp, StoreError> {
        let ns: i64 = self.get(column)?;
        Timestamp::from_nanosecond(ns.into()).map_err(|_| StoreError::Unreadable("instant"))
    }

    /// An instant, or none.
    pub(crate) fn instant_or_none(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        let ns: Option<i64> = self.get(column)?;
        ns.map(|_| self.instant(column)).transpose()
    }

    /// A word of a closed list.
    pub(crate) fn word<T>(
        &self,
        column: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let word: String = self.get(column)?;
        read(&word).ok_or(StoreError::Unreadable("word of a closed list"))
    }
}

/// A value that fills `$n`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    /// A whole number, a truth (0 or 1), an instant.
    Number(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Nothing.
    Null,
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Number(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Null => ValueRef::Null,
        }))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        // What does not fit breaks a check of the schema instead of becoming another number.
        Value::Number(i64::try_from(number).unwrap_or(-1))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Number(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Number(truth.into())
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        // Only instants before 1677 or after 2262 do not fit; they are pinned to the nearest that does.
        let ns = at.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into());
        Value::Number(i64::try_from(ns).unwrap_or(i64::MAX))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(bytes: &'a [u8; 32]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().map_or(Value::Null, Value::Text)
    }
}

impl<'a> From<&'a Option<[u8; 32]>> for Value<'a> {
    fn from(value: &'a Option<[u8; 32]>) -> Self {
        value
            .as_ref()
            .map_or(Value::Null, |bytes| Value::Bytes(bytes))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Value::Null, Value::Text)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Value::Null, Value::Number)
    }
}

impl From<Option<Timestamp>> for Value<'_> {
    fn from(value: Option<Timestamp>) -> Self {
        value.map_or(Value::Null, Value::from)
    }
}

/// The values of a statement, in the order of `$1`, `$2` …
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::sql::Value::from($value)),*] };
}
pub(crate) use values;

#[cfg(test)]
mod tests {
    use std::fs;

    /// SQLite numbers `$n` by first appearance: `$2 … $1` would be swapped in silence.
    #[test]
    fn every_statement_names_its_values_in_order() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut statements = 0;
        for file in fs::read_dir(source).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for literal in text.split('"').filter(|literal| literal.contains("$1")) {
                if literal.contains("//") {
                    continue;
                }
                statements += 1;
                let mut next = 1;
                for piece in literal.split('$').skip(1) {
                    let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                    let number: u32 = digits.parse().unwrap();
                    assert!(number <= next, "`{literal}` names ${number} before ${next}");
                    next = next.max(number + 1);
                }
            }
        }
        assert!(statements > 20, "only {statements} statements were found");
    }
}

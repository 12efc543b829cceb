//! The index: SQLite, one writer, made from the segments and the Parquet files.

use crate::error::Error;
use crate::id::TrialId;
use crate::lines::Start;
use crate::store::{Place, Row, State};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row as SqlRow, TransactionBehavior, params};
use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use timetable::Score;

/// `STSW`: a sweep of Stagecoach.
const APPLICATION: i64 = 0x5354_5357;
const SCHEMA_VERSION: i64 = 1;
/// How long a new index may be without its tables.
const NEW: Duration = Duration::from_secs(2);
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS trial(id BLOB PRIMARY KEY, grid INTEGER NOT NULL, cell INTEGER NOT NULL, seed INTEGER NOT NULL,
  attempt INTEGER NOT NULL, ooms INTEGER NOT NULL, cap INTEGER NOT NULL, state INTEGER NOT NULL,
  unplaced INTEGER, hard INTEGER, penalty INTEGER, ms INTEGER NOT NULL, steps INTEGER, peak INTEGER NOT NULL,
  cpu INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS running(id BLOB PRIMARY KEY, grid INTEGER NOT NULL, cell INTEGER NOT NULL, seed INTEGER NOT NULL,
  attempt INTEGER NOT NULL, ooms INTEGER NOT NULL, cap INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS segment(slot INTEGER, seq INTEGER, seen INTEGER NOT NULL, closed INTEGER NOT NULL, part INTEGER,
  PRIMARY KEY(slot, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part(number INTEGER PRIMARY KEY, results INTEGER NOT NULL, results_hash BLOB NOT NULL,
  series INTEGER NOT NULL, series_hash BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS collected(shard TEXT, part INTEGER, PRIMARY KEY(shard, part)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kind(name TEXT PRIMARY KEY, peaks TEXT NOT NULL, ms REAL NOT NULL) STRICT, WITHOUT ROWID;
";

/// WorkerOutcome attempts, and in their place those at work: these lie in a table of their own,
/// small enough to be written in no time.
const SELECT: &str = "SELECT * FROM (SELECT id, grid, cell, seed, attempt, ooms, cap, state, unplaced, hard, penalty, ms, steps, peak, cpu, at
  FROM trial WHERE id NOT IN (SELECT id FROM running)
  UNION ALL SELECT id, grid, cell, seed, attempt, ooms, cap, 1, NULL, NULL, NULL, 0, NULL, 0, 0, 0 FROM running)";

const ONE: &str = "SELECT id, grid, cell, seed, attempt, ooms, cap, 1, NULL, NULL, NULL, 0, NULL, 0, 0, 0 FROM running WHERE id = ?1
  UNION ALL SELECT id, grid, cell, seed, attempt, ooms, cap, state, unplaced, hard, penalty, ms, steps, peak, cpu, at FROM trial WHERE id = ?1
  LIMIT 1";

/// The index of a sweep.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    db: Connection,
}

/// A Parquet part: `results/part-N.parquet` and `series/part-N.parquet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number.
    pub number: u32,
    /// Rows of results.
    pub results: u64,
    /// blake3 of that file.
    pub results_hash: [u8; 32],
    /// Rows of series.
    pub series: u64,
    /// blake3 of that file.
    pub series_hash: [u8; 32],
}

/// How many trials are in which state.
pub type Counts = Vec<(State, u64)>;

/// A segment that the index knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) place: Place,
    /// Up to here it is in the index.
    pub(crate) seen: u64,
    /// The part that it has become.
    pub(crate) part: Option<u32>,
}

/// Ends that are not in the index yet, each with the segment and how far that was read.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) ends: Vec<Row>,
    pub(crate) seen: Vec<(Place, u64)>,
    pub(crate) closed: Vec<Place>,
}

impl Index {
    /// For the one that holds the lock. `busy`: how long to wait for somebody else who writes.
    ///
    /// # Errors
    /// A file that is no index of this version.
    pub fn open(path: &Path, busy: Duration) -> Result<Index, Error> {
        let index = Index { path: path.to_owned(), db: Connection::open(path).map_err(wrong(path))? };
        index.begin(busy).map_err(wrong(path))?;
        index.is_ours()?;
        Ok(index)
    }

    fn begin(&self, busy: Duration) -> rusqlite::Result<()> {
        self.db.busy_timeout(busy)?;
        let version: i64 = self.db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        // On a file system of several machines there is no shared memory for a write-ahead log.
        let wanted = if is_shared(&self.path) { "TRUNCATE" } else { "WAL" };
        let mode: String = self.db.query_row(&format!("PRAGMA journal_mode={wanted}"), [], |row| row.get(0))?;
        tracing::debug!("{}: journal mode {mode}", self.path.display());
        // What the driver holds in memory does not grow with the index.
        self.db.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-2048; PRAGMA mmap_size=0; PRAGMA journal_size_limit=16777216;")?;
        if version == 0 {
            let text = format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id={APPLICATION}; PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
            );
            self.db.execute_batch(&text)?;
        }
        Ok(())
    }

    /// For whoever only asks; also where nothing can be written.
    ///
    /// # Errors
    /// Where there is none.
    pub fn read(path: &Path) -> Result<Index, Error> {
        let open = |name: &Path, more: OpenFlags| {
            let db = Connection::open_with_flags(name, OpenFlags::SQLITE_OPEN_READ_ONLY | more)?;
            db.busy_timeout(Duration::from_secs(5))?;
            // A sweep that has just begun is about to make it.
            let began = Instant::now();
            while db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? == 0 && began.elapsed() < NEW {
                thread::sleep(Duration::from_millis(10));
            }
            Ok(db)
        };
        if !path.is_file() {
            return Err(Error::Input(format!(
                "{}: there is no index; `results --rebuild` makes it again",
                path.display()
            )));
        }
        // Without a right to write beside it, what is in the file itself is read.
        let db = open(path, OpenFlags::empty()).or_else(|why| {
            let text = path.display().to_string();
            if text.contains(['?', '#', '%']) {
                return Err(why);
            }
            open(Path::new(&format!("file:{text}?immutable=1")), OpenFlags::SQLITE_OPEN_URI)
        });
        let index = Index { path: path.to_owned(), db: db.map_err(wrong(path))? };
        index.is_ours()?;
        Ok(index)
    }

    fn is_ours(&self) -> Result<(), Error> {
        let number = |name: &str| self.db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let found =
            number("application_id").and_then(|id| Ok((id, number("user_version")?))).map_err(wrong(&self.path))?;
        if found != (APPLICATION, SCHEMA_VERSION) {
            return Err(Error::damaged(
                &self.path,
                format!("application and version are {found:?}, expected {:?}", (APPLICATION, SCHEMA_VERSION)),
            ));
        }
        Ok(())
    }

    /// What is known of a trial.
    ///
    /// # Errors
    /// What SQLite says, as for all that follow.
    pub fn trial(&self, id: TrialId) -> Result<Option<Row>, Error> {
        let mut statement = self.db.prepare_cached(ONE).map_err(wrong(&self.path))?;
        statement.query_row([&id.0[..]], row_of).optional().map_err(wrong(&self.path))
    }

    /// Calls `each` with every trial, by grid and cell; `false` ends it.
    pub fn trials(&self, each: impl FnMut(Row) -> Result<bool, Error>) -> Result<(), Error> {
        let text = format!("{SELECT} ORDER BY grid, cell, id");
        self.select(&text, each)
    }

    /// The trials whose names begin with these bytes' bits, two at most: to see whether it is one.
    pub(crate) fn between(&self, first: TrialId, last: TrialId) -> Result<Vec<Row>, Error> {
        let text = format!("{SELECT} WHERE id BETWEEN ?1 AND ?2 LIMIT 2");
        let mut statement = self.db.prepare(&text).map_err(wrong(&self.path))?;
        let rows = statement.query_map([&first.0[..], &last.0[..]], row_of).map_err(wrong(&self.path))?;
        rows.collect::<Result<_, _>>().map_err(wrong(&self.path))
    }

    /// The trials at work.
    pub(crate) fn running(&self) -> Result<Vec<Start>, Error> {
        let text = "SELECT id, grid, cell, seed, attempt, ooms, cap, 1, NULL, NULL, NULL, 0, NULL, 0, 0, 0 FROM running ORDER BY id";
        let mut statement = self.db.prepare(text).map_err(wrong(&self.path))?;
        let rows = statement.query_map([], row_of).map_err(wrong(&self.path))?;
        rows.map(|row| row.map(|row| row.start)).collect::<Result<_, _>>().map_err(wrong(&self.path))
    }

    /// None of them is.
    pub(crate) fn none_is_running(&mut self) -> Result<(), Error> {
        self.transaction(|db| db.execute("DELETE FROM running", []).map(drop))
    }

    fn select(&self, text: &str, mut each: impl FnMut(Row) -> Result<bool, Error>) -> Result<(), Error> {
        let mut statement = self.db.prepare(text).map_err(wrong(&self.path))?;
        let mut rows = statement.query([]).map_err(wrong(&self.path))?;
        while let Some(row) = rows.next().map_err(wrong(&self.path))? {
            if !each(row_of(row).map_err(wrong(&self.path))?)? {
                break;
            }
        }
        Ok(())
    }

    /// How many trials are in which state.
    pub fn counts(&self) -> Result<Counts, Error> {
        let mut statement = self
            .db
            .prepare(&format!("SELECT state, count(*) FROM ({SELECT}) GROUP BY state ORDER BY state"))
            .map_err(wrong(&self.path))?;
        let pairs = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
        let pairs: Vec<(i64, i64)> = pairs.and_then(Iterator::collect).map_err(wrong(&self.path))?;
        Ok(pairs.into_iter().filter_map(|(state, n)| Some((State::of_number(state)?, n as u64))).collect())
    }

    /// The Parquet parts.
    pub fn parts(&self) -> Result<Vec<Part>, Error> {
        let text = "SELECT number, results, results_hash, series, series_hash FROM part ORDER BY number";
        let mut statement = self.db.prepare(text).map_err(wrong(&self.path))?;
        let parts = statement.query_map([], |row| {
            Ok(Part {
                number: row.get(0)?,
                results: row.get::<_, i64>(1)? as u64,
                results_hash: row.get(2)?,
                series: row.get::<_, i64>(3)? as u64,
                series_hash: row.get(4)?,
            })
        });
        parts.and_then(Iterator::collect).map_err(wrong(&self.path))
    }

    /// The segments.
    pub(crate) fn segments(&self) -> Result<Vec<Known>, Error> {
        let text = "SELECT slot, seq, seen, part FROM segment ORDER BY slot, seq";
        let mut statement = self.db.prepare(text).map_err(wrong(&self.path))?;
        let rows = statement.query_map([], |row| {
            let place = Place { slot: row.get(0)?, seq: row.get(1)? };
            Ok(Known { place, seen: row.get::<_, i64>(2)? as u64, part: row.get(3)? })
        });
        rows.and_then(Iterator::collect).map_err(wrong(&self.path))
    }

    /// The parts, and the segments that are in them and still there, at one moment.
    pub(crate) fn parts_and_segments(&self) -> Result<(Vec<Part>, Vec<Place>), Error> {
        let moment = self.db.unchecked_transaction().map_err(wrong(&self.path))?;
        let parts = self.parts()?;
        let segments = self.segments()?.into_iter().filter(|known| known.part.is_some());
        let segments = segments.map(|known| known.place).collect();
        moment.finish().map_err(wrong(&self.path))?;
        Ok((parts, segments))
    }

    /// Trials that are about to begin, in one transaction.
    pub(crate) fn begin_trials(&mut self, starts: &[Start]) -> Result<(), Error> {
        self.transaction(|db| {
            let mut insert = db.prepare_cached("INSERT OR REPLACE INTO running VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for &Start { id, grid, cell, seed, attempt, ooms, cap } in starts {
                insert.execute(params![&id.0[..], grid, cell as i64, seed as i64, attempt, ooms, cap as i64])?;
            }
            Ok(())
        })
    }

    /// Everything that has come together, in one transaction.
    pub(crate) fn record(&mut self, pending: &Pending) -> Result<(), Error> {
        self.transaction(|db| {
            let mut over = db.prepare_cached("DELETE FROM running WHERE id = ?1 AND attempt <= ?2")?;
            for end in &pending.ends {
                put(db, end)?;
                over.execute(params![&end.id().0[..], end.start.attempt])?;
            }
            let mut seen = db.prepare_cached(
                "INSERT INTO segment VALUES(?1, ?2, ?3, 0, NULL) ON CONFLICT DO UPDATE SET seen = max(seen, excluded.seen)",
            )?;
            for (place, at) in &pending.seen {
                seen.execute(params![place.slot, place.seq, *at as i64])?;
            }
            let mut closed = db.prepare_cached(
                "INSERT INTO segment VALUES(?1, ?2, 0, 1, NULL) ON CONFLICT DO UPDATE SET closed = 1",
            )?;
            for place in &pending.closed {
                closed.execute(params![place.slot, place.seq])?;
            }
            Ok(())
        })
    }

    /// Segments have become a part.
    pub(crate) fn add_part(&mut self, part: &Part, from: &[Place]) -> Result<(), Error> {
        self.transaction(|db| {
            db.execute(
                "INSERT INTO part VALUES(?1, ?2, ?3, ?4, ?5)",
                params![part.number, part.results as i64, part.results_hash, part.series as i64, part.series_hash],
            )?;
            for place in from {
                db.execute(
                    "INSERT INTO segment VALUES(?1, ?2, 0, 1, ?3) ON CONFLICT DO UPDATE SET part = excluded.part, closed = 1",
                    params![place.slot, place.seq, part.number],
                )?;
            }
            Ok(())
        })
    }

    /// A part of a shard has become one of ours, or was found to hold nothing new.
    pub(crate) fn add_collected(&mut self, shard: &str, number: u32, part: Option<&Part>) -> Result<(), Error> {
        self.transaction(|db| {
            if let Some(part) = part {
                db.execute(
                    "INSERT INTO part VALUES(?1, ?2, ?3, ?4, ?5)",
                    params![part.number, part.results as i64, part.results_hash, part.series as i64, part.series_hash],
                )?;
            }
            db.execute("INSERT OR REPLACE INTO collected VALUES(?1, ?2)", params![shard, number]).map(drop)
        })
    }

    /// Whether a part of a shard was taken over.
    pub(crate) fn is_collected(&self, shard: &str, number: u32) -> Result<bool, Error> {
        let text = "SELECT count(*) FROM collected WHERE shard = ?1 AND part = ?2";
        let count: i64 =
            self.db.query_row(text, params![shard, number], |row| row.get(0)).map_err(wrong(&self.path))?;
        Ok(count > 0)
    }

    /// Segments that are gone.
    pub(crate) fn forget_segments(&mut self, gone: &[Place]) -> Result<(), Error> {
        self.transaction(|db| {
            for place in gone {
                db.execute("DELETE FROM segment WHERE slot = ?1 AND seq = ?2", params![place.slot, place.seq])?;
            }
            Ok(())
        })
    }

    /// What was learnt of a kind of trials: the last peaks in bytes, and milliseconds of a trial.
    pub(crate) fn kinds(&self) -> Result<Vec<(String, Vec<u64>, f64)>, Error> {
        let mut statement =
            self.db.prepare("SELECT name, peaks, ms FROM kind ORDER BY name").map_err(wrong(&self.path))?;
        let rows = statement.query_map([], |row| {
            let peaks: String = row.get(1)?;
            let peaks = peaks.split(' ').filter_map(|peak| peak.parse().ok()).collect();
            Ok((row.get(0)?, peaks, row.get(2)?))
        });
        rows.and_then(Iterator::collect).map_err(wrong(&self.path))
    }

    /// Keeps what was learnt.
    pub(crate) fn keep_kinds(&mut self, kinds: &[(String, Vec<u64>, f64)]) -> Result<(), Error> {
        self.transaction(|db| {
            for (name, peaks, ms) in kinds {
                let peaks: Vec<String> = peaks.iter().map(u64::to_string).collect();
                db.execute("INSERT OR REPLACE INTO kind VALUES(?1, ?2, ?3)", params![name, peaks.join(" "), ms])?;
            }
            Ok(())
        })
    }

    /// Adds rows that files have: of each trial the attempt that is done counts, else the last, and
    /// of that its first end.
    pub(crate) fn merge(&mut self, rows: &[Row]) -> Result<(), Error> {
        self.transaction(|db| {
            let mut known = db.prepare_cached("SELECT attempt, state FROM trial WHERE id = ?1")?;
            for row in rows {
                let there = known.query_row([&row.id().0[..]], |found| Ok((found.get(0)?, found.get::<_, i64>(1)?)));
                let there = there.optional()?;
                if there.is_none_or(|(attempt, state)| row.replaces(attempt, state == State::Done as i64)) {
                    put(db, row)?;
                }
            }
            Ok(())
        })
    }

    /// What SQLite itself finds wrong with the file; `None` where nothing is.
    pub(crate) fn integrity(&self) -> Result<Option<String>, Error> {
        let said: String =
            self.db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(wrong(&self.path))?;
        Ok((said != "ok").then_some(said))
    }

    fn transaction(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Result<(), Error> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate);
        let done = transaction.and_then(|transaction| {
            work(&transaction)?;
            transaction.commit()
        });
        done.map_err(wrong(&self.path))
    }
}

/// An error of this index.
fn wrong(path: &Path) -> impl FnOnce(rusqlite::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Index { path, source }
}

fn put(db: &Connection, row: &Row) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT OR REPLACE INTO trial VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    let Start { id, grid, cell, seed, attempt, ooms, cap } = row.start;
    let score = row.score;
    statement.execute(params![
        &id.0[..],
        grid,
        cell as i64,
        seed as i64,
        attempt,
        ooms,
        cap as i64,
        row.state as i64,
        score.map(|score| score.unplaced),
        score.map(|score| score.hard),
        score.map(|score| score.penalty),
        row.ms as i64,
        row.steps.map(|steps| steps as i64),
        row.peak as i64,
        row.cpu as i64,
        row.at as i64,
    ])?;
    Ok(())
}

fn row_of(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let number = |at: usize| row.get::<_, i64>(at).map(|n| n as u64);
    let bad = |at: usize| rusqlite::Error::IntegralValueOutOfRange(at, 0);
    let id: Vec<u8> = row.get(0)?;
    let start = Start {
        id: TrialId::from_slice(&id).ok_or_else(|| bad(0))?,
        grid: row.get(1)?,
        cell: number(2)?,
        seed: number(3)?,
        attempt: row.get(4)?,
        ooms: row.get(5)?,
        cap: number(6)?,
    };
    let unplaced: Option<u32> = row.get(8)?;
    let score = match (unplaced, row.get(9)?, row.get(10)?) {
        (Some(unplaced), Some(hard), Some(penalty)) => Some(Score { unplaced, hard, penalty }),
        _ => None,
    };
    Ok(Row {
        start,
        state: State::of_number(row.get(7)?).ok_or_else(|| bad(7))?,
        score,
        ms: number(11)?,
        steps: row.get::<_, Option<i64>>(12)?.map(|n| n as u64),
        peak: number(13)?,
        cpu: number(14)?,
        at: number(15)?,
    })
}

/// Whether a file lies on a file system that several machines share: NFS, Lustre, GPFS, SMB,
/// CephFS, BeeGFS.
fn is_shared(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    const SHARED: [u64; 8] =
        [0x6969, 0x0BD0_0BD0, 0x4750_4653, 0xFF53_4D42, 0xFE53_4D42, 0x517B, 0x00C3_6400, 0x1983_0326];
    let folder = path.parent().unwrap_or(Path::new("."));
    let Ok(name) = std::ffi::CString::new(folder.as_os_str().as_bytes()) else { return false };
    // SAFETY: all-zero is a valid statfs, a plain C structure.
    let mut found: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: both outlive the call, and the name ends in NUL.
    let done = unsafe { libc::statfs(name.as_ptr(), &raw mut found) };
    done == 0 && SHARED.contains(&(found.f_type as u64 & 0xffff_ffff))
}

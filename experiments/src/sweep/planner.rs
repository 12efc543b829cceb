//! Which trials are left: goes through the cells of a grid by their numbers, and asks the index
//! about each.

use super::Options;
use crate::error::Error;
use crate::grid::{Cell, Grid};
use crate::id::TrialId;
use crate::lines::Start;
use crate::settings::Settings;
use crate::store::{Index, State};
use std::{collections::VecDeque, rc::Rc};

/// So many trials are looked at for the first that fits.
pub(crate) const WINDOW: usize = 64;
/// One that was passed over so often waits for room alone.
pub(crate) const PATIENCE: u32 = 64;
/// Settings that are kept once they were worked out.
const KEPT: u64 = 4096;

/// A trial that is to be run.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) start: Start,
    pub(crate) cell: Cell,
    /// `Err`: why its configuration makes none.
    pub(crate) settings: Rc<Result<Settings, String>>,
    /// It ran out of so much memory, and is run alone with more.
    pub(crate) had: Option<u64>,
    pub(crate) passed_over: u32,
}

/// What a look at one cell found.
#[derive(Debug)]
pub(crate) enum Look {
    /// Another shard's, or looked at before.
    NotOurs,
    /// At work, or its end is not in the index yet.
    AtWork,
    /// It has a result.
    Done,
    /// It has ended in another way, and stays so.
    Over,
    /// To be run.
    Open(Box<Candidate>),
}

/// The names that a trial of these settings on a cell has: by this version of the program, and by
/// those that are accepted.
pub(crate) fn name_of<'a>(
    grid: &Grid,
    cell: &Cell,
    settings: &Settings,
    accept: &'a [String],
) -> impl Iterator<Item = TrialId> + use<'a> {
    let hash = grid.instances.get(cell.instance).and_then(|instance| blake3::Hash::from_hex(&instance.hash).ok());
    let (budget, seed, settings) = (cell.budget.canonical(), cell.seed, settings.hash);
    let versions = std::iter::once(crate::version()).chain(accept.iter().map(String::as_str));
    hash.into_iter().flat_map(move |hash| {
        let budget = budget.clone();
        versions.clone().map(move |version| TrialId::of(hash.as_bytes(), &settings, &budget, seed, version))
    })
}

/// Goes through a grid.
pub(crate) struct Planner<'g> {
    grid: &'g Grid,
    number: u32,
    options: &'g Options,
    versions: Vec<String>,
    above: Option<Index>,
    hashes: Vec<[u8; 32]>,
    known: Vec<Option<Rc<Result<Settings, String>>>>,
    last: Option<(u64, Rc<Result<Settings, String>>)>,
    first: VecDeque<u64>,
    minimal: Vec<u64>,
    next: u64,
    cells: u64,
    /// Whether what had failed before is run again, as was asked for: each trial once.
    retries: bool,
}

impl<'g> Planner<'g> {
    pub(crate) fn new(grid: &'g Grid, number: u32, options: &'g Options) -> Result<Planner<'g>, Error> {
        let cells = grid.cells()?;
        let hash = |text: &str| {
            let hash = blake3::Hash::from_hex(text).map(|hash| *hash.as_bytes());
            hash.map_err(|e| Error::Input(format!("the instance hash `{text}` of the grid is none: {e}")))
        };
        let hashes = grid.instances.iter().map(|instance| hash(&instance.hash)).collect::<Result<_, _>>()?;
        let versions = std::iter::once(crate::version().to_owned()).chain(options.accept.iter().cloned()).collect();
        let above = options.above.as_deref().filter(|path| path.is_file()).map(Index::read).transpose()?;
        let minimal = if options.minimal { grid.minimal() } else { Vec::new() };
        let known = vec![None; grid.settings().min(KEPT) as usize];
        let mut planner = Planner {
            grid,
            number,
            options,
            versions,
            above,
            hashes,
            known,
            last: None,
            first: VecDeque::new(),
            minimal,
            next: 0,
            cells,
            retries: true,
        };
        planner.again();
        Ok(planner)
    }

    /// From the first cell on, no more to run again what had failed before.
    pub(crate) fn once_more(&mut self) {
        self.retries = false;
        self.again();
    }

    /// From the first cell on.
    pub(crate) fn again(&mut self) {
        match &self.options.cells {
            Some(cells) => (self.first, self.next) = (cells.iter().copied().collect(), self.cells),
            None => (self.first, self.next) = (self.minimal.iter().copied().collect(), 0),
        }
    }

    /// Looks at the next cell; `None` at the end.
    pub(crate) fn next(&mut self, index: &Index) -> Result<Option<Look>, Error> {
        if let Some(number) = self.first.pop_front() {
            return self.look(number, index).map(Some);
        }
        if self.next >= self.cells {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        // Those that came first.
        if self.minimal.binary_search(&number).is_ok() {
            return Ok(Some(Look::NotOurs));
        }
        self.look(number, index).map(Some)
    }

    fn look(&mut self, number: u64, index: &Index) -> Result<Look, Error> {
        let Some(cell) = self.grid.cell(number) else { return Ok(Look::NotOurs) };
        let settings = self.settings(&cell);
        // A configuration that makes none is told apart from others by what was written.
        let hash = match settings.as_ref() {
            Ok(settings) => settings.hash,
            Err(_) => *blake3::hash(self.grid.layer(&cell).to_string().as_bytes()).as_bytes(),
        };
        let budget = cell.budget.canonical();
        let mut ids = self
            .versions
            .iter()
            .map(|version| TrialId::of(&self.hashes[cell.instance], &hash, &budget, cell.seed, version));
        let Some(id) = ids.next() else { return Ok(Look::NotOurs) };
        if self.options.shard.is_some_and(|(k, n)| id.shard(n) != k) {
            return Ok(Look::NotOurs);
        }
        let is_done = |index: &Index, id| Ok::<_, Error>(index.trial(id)?.is_some_and(|row| row.state == State::Done));
        for other in ids {
            if is_done(index, other)? {
                return Ok(Look::Done);
            }
        }
        if let Some(above) = &self.above
            && is_done(above, id)?
        {
            return Ok(Look::Done);
        }
        let start = Start { id, grid: self.number, cell: number, seed: cell.seed, attempt: 1, ooms: 0, cap: 0 };
        let open = |start: Start, had| {
            Ok(Look::Open(Box::new(Candidate {
                start,
                cell: cell.clone(),
                settings: settings.clone(),
                had,
                passed_over: 0,
            })))
        };
        match index.trial(id)? {
            None => open(start, None),
            Some(row) => {
                let again = Start { attempt: row.start.attempt + 1, ooms: row.start.ooms, ..start };
                match row.state {
                    State::Done => Ok(Look::Done),
                    state if self.retries && self.options.retry.contains(&state) => {
                        open(Start { ooms: 0, ..again }, None)
                    }
                    State::Running => Ok(Look::AtWork),
                    State::Lost | State::Stopped => open(again, None),
                    State::Oom => open(Start { ooms: row.start.ooms + 1, ..again }, Some(row.start.cap)),
                    State::Failed | State::BadConfig | State::Crashed | State::Deadline => Ok(Look::Over),
                }
            }
        }
    }

    /// The settings of a cell; those of small grids are worked out once.
    fn settings(&mut self, cell: &Cell) -> Rc<Result<Settings, String>> {
        if let Some(known) = self.known.get(cell.setting as usize).and_then(Option::as_ref) {
            return known.clone();
        }
        if let Some((_, known)) = self.last.as_ref().filter(|(setting, _)| *setting == cell.setting) {
            return known.clone();
        }
        let settings = Rc::new(Settings::of(&self.grid.layer(cell)));
        match self.known.get_mut(cell.setting as usize) {
            Some(place) => *place = Some(settings.clone()),
            None => self.last = Some((cell.setting, settings.clone())),
        }
        settings
    }
}

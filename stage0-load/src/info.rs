//! What a solution file says about how it was made.

/// How a timetable was made, for the formats that hold it (ITC-2019).
#[derive(Clone, Debug, PartialEq)]
pub struct SolutionInfo {
    /// Seconds that the run took.
    pub runtime_seconds: f64,
    /// Cores used.
    pub cores: u32,
    /// The method.
    pub technique: String,
    /// Who made it.
    pub author: String,
    /// Of which institution.
    pub institution: String,
    /// Of which country.
    pub country: String,
}

impl Default for SolutionInfo {
    fn default() -> Self {
        SolutionInfo {
            runtime_seconds: 0.0,
            cores: 1,
            technique: "Stagecoach".into(),
            author: String::new(),
            institution: String::new(),
            country: String::new(),
        }
    }
}

//! How sure a verdict must be.

/// With which probability a verdict may be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// That a stage of a release that is no worse than the margin allows is called worse, over all looks at it together.
    pub regressed: f64,
    /// That a release with a slice as bad as what is ruled out is cleared.
    pub cleared: f64,
}

impl Default for Levels {
    fn default() -> Self {
        Self { regressed: 0.001, cleared: 0.05 }
    }
}

impl Levels {
    /// What the evidence that it is worse must reach, by its logarithm: `ln(1/α)`.
    pub fn worse(self) -> f64 {
        -self.regressed.ln()
    }

    /// What the evidence that it is not so much worse must reach in every slice that counts.
    pub fn no_worse(self) -> f64 {
        -self.cleared.ln()
    }
}

//! How a matrix of weights lies in memory: panels of 16 rows, one row per lane.

/// Rows of a panel.
pub(crate) const PANEL: usize = 16;

/// Weights per block of the quantised formats.
pub(crate) const BLOCK: usize = 32;

/// How the numbers of a matrix are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit brain floats.
    Bf16,
    /// Blocks of 32: f16 scale, 32 signed bytes.
    Q8_0,
    /// Blocks of 32: f16 scale, 32 nibbles minus 8.
    Q4_0,
    /// Blocks of 32: f16 scale, f16 minimum, 32 nibbles.
    Q4_1,
}

impl Format {
    /// Whether 32 weights share a scale.
    #[must_use]
    pub const fn is_quantised(self) -> bool {
        matches!(self, Self::Q8_0 | Self::Q4_0 | Self::Q4_1)
    }

    /// Words of one panel and 32 columns, scales included.
    pub(crate) const fn block_words(self) -> usize {
        match self {
            Self::F32 => BLOCK * PANEL,
            Self::F16 | Self::Bf16 => BLOCK / 2 * PANEL,
            Self::Q8_0 => 8 * PANEL + PANEL / 2,
            Self::Q4_0 => 4 * PANEL + PANEL / 2,
            Self::Q4_1 => 4 * PANEL + PANEL,
        }
    }

    /// Bytes of `cols` weights as a file stores them.
    pub(crate) const fn stored_bytes(self, cols: usize) -> usize {
        match self {
            Self::F32 => 4 * cols,
            Self::F16 | Self::Bf16 => 2 * cols,
            Self::Q8_0 => cols / BLOCK * (2 + BLOCK),
            Self::Q4_0 => cols / BLOCK * (2 + BLOCK / 2),
            Self::Q4_1 => cols / BLOCK * (4 + BLOCK / 2),
        }
    }
}

/// Shape and format of packed weights `W`, for `y = x Wᵗ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Matrix {
    /// How the numbers are stored.
    pub format: Format,
    /// Outputs.
    pub rows: usize,
    /// Inputs.
    pub cols: usize,
}

impl Matrix {
    /// Words of the packed weights.
    #[must_use]
    pub const fn words(&self) -> usize {
        self.panels() * self.panel_words()
    }

    /// Whether 32 weights share a scale.
    #[must_use]
    pub const fn is_quantised(&self) -> bool {
        self.format.is_quantised()
    }

    /// Panels, the last one filled up with rows of zeros.
    pub(crate) const fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL)
    }

    /// Words of one panel.
    pub(crate) const fn panel_words(&self) -> usize {
        match self.format {
            Format::F32 => PANEL * self.cols,
            Format::F16 | Format::Bf16 => PANEL * self.cols.div_ceil(2),
            quantised => self.cols / BLOCK * quantised.block_words(),
        }
    }

    /// Panics unless whole blocks fill the columns.
    #[track_caller]
    pub(crate) fn check(&self) {
        assert!(
            !self.is_quantised() || self.cols.is_multiple_of(BLOCK),
            "{} columns are no whole blocks",
            self.cols
        );
    }
}

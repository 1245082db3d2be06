//! What a library of `cjson` is set to.
//!
//! Its functions share them through a table that each of them closes over; the table holds one string of all numbers, so
//! that a function has them with one look. Lua frees them with the library: a script may make as many as it likes.
use tenondb_lua::{Frame, Raise};

/// Each is an integer; switches are 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Write a list with too many holes as an object; else refuse it.
    SparseConvert,
    /// How many times as many places as items there may be; 0: any number.
    SparseRatio,
    /// Up to this place holes do not count.
    SparseSafe,
    EncodeMaxDepth,
    DecodeMaxDepth,
    /// 0: refuse `nan` and infinite numbers; 1: write them; 2: write `null`.
    EncodeInvalidNumbers,
    DecodeInvalidNumbers,
    /// Significant digits.
    NumberPrecision,
    KeepBuffer,
}

const COUNT: usize = Setting::KeepBuffer as usize + 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings([i32; COUNT]);

impl Default for Settings {
    fn default() -> Self {
        let mut settings = Self([0; COUNT]);
        for (setting, value) in [
            (Setting::SparseRatio, 2),
            (Setting::SparseSafe, 10),
            (Setting::EncodeMaxDepth, 1000),
            (Setting::DecodeMaxDepth, 1000),
            (Setting::DecodeInvalidNumbers, 1),
            (Setting::NumberPrecision, 14),
            (Setting::KeepBuffer, 1),
        ] {
            settings.set(setting, value);
        }
        settings
    }
}

impl Settings {
    pub fn get(&self, setting: Setting) -> i32 {
        self.0[setting as usize]
    }

    pub fn is_on(&self, setting: Setting) -> bool {
        self.get(setting) != 0
    }

    pub fn set(&mut self, setting: Setting, value: i32) {
        self.0[setting as usize] = value;
    }

    /// Pushes a table that holds them.
    pub fn create(&self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        frame.push_table(1, 0)?;
        self.put(frame)
    }

    /// Returns those of the running function.
    pub fn load(frame: &mut Frame<'_>) -> Result<Self, Raise> {
        frame.push_upvalue(1)?;
        frame.raw_get_index(-1, 1)?;
        let bytes = frame.bytes(-1).unwrap_or_default();
        frame.pop(2);
        let mut settings = Self::default();
        for (value, bytes) in settings.0.iter_mut().zip(bytes.as_chunks().0) {
            *value = i32::from_le_bytes(*bytes);
        }
        Ok(settings)
    }

    /// Makes them those of the running function's library.
    pub fn store(&self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        frame.push_upvalue(1)?;
        self.put(frame)?;
        frame.pop(1);
        Ok(())
    }

    fn put(&self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        let mut bytes = [0; COUNT * 4];
        for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(self.0) {
            *bytes = value.to_le_bytes();
        }
        frame.push_bytes(&bytes)?;
        frame.raw_set_index(-2, 1)
    }
}

//! JSON text to a Lua value.
use super::settings::{Setting, Settings};
use crate::script::lib::{
    arguments::Patience,
    json::read::{Build, Fault, Shape, read},
};
use tenondb_lua::{Frame, Raise};

/// Pushes the value of a text.
pub fn value(frame: &mut Frame<'_>, settings: &Settings, text: &[u8]) -> Result<(), Raise> {
    let depth_max = settings.get(Setting::DecodeMaxDepth) as usize;
    let invalid_numbers = settings.is_on(Setting::DecodeInvalidNumbers);
    match read(text, invalid_numbers, &mut Values { frame, depth_max, patience: Patience::default() }) {
        Ok(()) => Ok(()),
        Err(Fault::Text(why)) => Err(Raise::text(why)),
        Err(Fault::Build(raise)) => Err(raise),
    }
}

/// Values on Lua's stack: tables, the keys whose values are read, and the value that is whole.
struct Values<'a, 'f> {
    frame: &'a mut Frame<'f>,
    depth_max: usize,
    patience: Patience,
}

impl Build for Values<'_, '_> {
    type Stop = Raise;

    fn null(&mut self) -> Result<(), Raise> {
        self.frame.push_light(0)
    }

    fn boolean(&mut self, value: bool) -> Result<(), Raise> {
        self.frame.push_bool(value)
    }

    fn number(&mut self, value: f64) -> Result<(), Raise> {
        self.frame.push_number(value)
    }

    fn text(&mut self, value: &[u8]) -> Result<(), Raise> {
        self.frame.push_bytes(value)
    }

    fn open(&mut self, shape: Shape, depth: usize) -> Result<bool, Raise> {
        // A table and a value, with its key in an object: the depth at which the stack ends is Redis's.
        let slots = match shape {
            Shape::Array => 2,
            Shape::Object => 3,
        };
        if depth > self.depth_max || !self.frame.room(slots) {
            return Ok(false);
        }
        self.frame.push_table(0, 0)?;
        Ok(true)
    }

    fn key(&mut self, key: &[u8]) -> Result<(), Raise> {
        self.frame.push_bytes(key)
    }

    fn item(&mut self, place: usize) -> Result<(), Raise> {
        self.patience.step(self.frame)?;
        // Memory ends before an `int` of places does.
        self.frame.raw_set_index(-2, place as i32)
    }

    fn member(&mut self) -> Result<(), Raise> {
        self.patience.step(self.frame)?;
        self.frame.raw_set(-3)
    }
}

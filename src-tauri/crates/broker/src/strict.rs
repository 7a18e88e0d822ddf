//! JSON texts of others, judged strictly before anything is decided by them: what two parsers could read in two
//! ways is refused.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::api::body::BodyFault;

/// How much a text may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Objects and lists within each other; at most 127, which is as far as the parser itself goes.
    pub(crate) depth: usize,
    /// Values.
    pub(crate) count: usize,
    /// Whether texts may have control characters.
    pub(crate) control: bool,
}

/// Judges one JSON text: well-formed, within bounds, and no object with a name twice.
pub(crate) fn judge(text: &str, bounds: Bounds) -> Result<(), BodyFault> {
    let judge = Judge { bounds, left: Cell::new(bounds.count), fault: Cell::new(BodyFault::NotJson) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let judged = Value { judge: &judge, depth: 0 }.deserialize(&mut deserializer);
    judged.and_then(|()| deserializer.end()).map_err(|_| judge.fault.get())
}

/// The names of one object: few are compared, many are hashed.
#[derive(Default)]
struct Names {
    few: Vec<String>,
    many: HashSet<String>,
}

impl Names {
    /// Adds a name; whether it is new.
    fn insert(&mut self, name: Cow<'_, str>) -> bool {
        if self.few.iter().any(|known| *known == name) || self.many.contains(&*name) {
            return false;
        }
        match self.few.len() < 16 {
            true => self.few.push(name.into_owned()),
            false => drop(self.many.insert(name.into_owned())),
        }
        true
    }
}

struct Judge {
    bounds: Bounds,
    left: Cell<usize>,
    fault: Cell<BodyFault>,
}

impl Judge {
    fn refuse<E: Error>(&self, fault: BodyFault) -> E {
        self.fault.set(fault);
        E::custom("")
    }

    fn text<E: Error>(&self, text: &str) -> Result<(), E> {
        match !self.bounds.control && text.chars().any(char::is_control) {
            true => Err(self.refuse(BodyFault::ControlCharacter)),
            false => Ok(()),
        }
    }
}

#[derive(Clone, Copy)]
struct Value<'j> {
    judge: &'j Judge,
    depth: usize,
}

impl Value<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth < self.judge.bounds.depth {
            true => Ok(Self { depth: self.depth + 1, ..self }),
            false => Err(self.judge.refuse(BodyFault::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let left = self.judge.left.get();
        self.judge.left.set(left.checked_sub(1).ok_or_else(|| self.judge.refuse(BodyFault::TooMany))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.judge.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while list.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut names = Names::default();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            self.judge.text(&name)?;
            if !names.insert(name) {
                return Err(self.judge.refuse(BodyFault::NameTwice));
            }
            map.next_value_seed(deeper)?;
        }
        Ok(())
    }
}

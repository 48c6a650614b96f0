//! What values of each sort look like, and what to write where one does not fit.

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::{Finding, Findings, Located, Readable, Value, schema};

impl Readable for String {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let text = value.text("a text in double quotes", findings)?;
        if text.trim().is_empty() {
            findings.push(
                Finding::error(&value.spot(), format!("the text at `{}` is empty", value.key))
                    .help("write something, or take it away"),
            );
            return None;
        }
        if text.chars().any(char::is_control) {
            findings.push(
                Finding::error(
                    &value.spot(),
                    format!("`{}` holds a control character", value.key),
                )
                .help("remove it; it may have come along when the text was pasted"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn schema() -> Json {
        schema::text("\\S")
    }
}

impl Readable for bool {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        match value.written.get_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            _ => value.refuse("true or false, without quotes", findings),
        }
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }
}

impl Readable for u32 {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let number = match value.written.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        match number {
            Some(number) => Some(number),
            None => value.refuse("a whole number of 0 or more, without quotes", findings),
        }
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0 })
    }
}

impl Readable for Date {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let written = match value.written.get_ref() {
            DeValue::Datetime(moment) if moment.time.is_none() => moment.date.map(|date| date.to_string()),
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        };
        match written.and_then(|text| text.parse().ok()) {
            Some(date) => Some(date),
            None => value.refuse("a day that exists, as 2026-05-15", findings),
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "format": "date" })
    }
}

impl<T: Readable> Readable for Located<T> {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let spot = value.spot();
        Some(Self {
            value: T::read(value, findings)?,
            spot,
        })
    }

    fn schema() -> Json {
        T::schema()
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Array(items) = value.written.get_ref() else {
            return value.refuse("a list, as [\"one\", \"two\"]", findings);
        };
        // An item with a mistake is left out, so that what follows it is read as well. With none left the list
        // counts as left out: to call it empty would be a second complaint about the same mistake.
        let read: Self = items
            .iter()
            .filter_map(|item| {
                T::read(
                    Value {
                        written: item,
                        ..value
                    },
                    findings,
                )
            })
            .collect();
        (items.is_empty() || !read.is_empty()).then_some(read)
    }

    fn schema() -> Json {
        schema::list(&T::schema())
    }
}

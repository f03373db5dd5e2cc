//! Which column of a file is which field, by its header or as the mapping says.

use csv::StringRecord;
use jornada_domain::error::{Code, Problem};
use jornada_domain::workspace::Locale;

use super::field::{Field, normal, of_problem};
use super::mapping::Mapping;
use super::rejects::{REJECTED_REASON, plain};
use super::table::{MAX_COLUMNS, Unusable};
use crate::messages;

/// Where each field stands.
#[derive(Debug)]
pub struct Columns {
    fields: &'static [Field],
    open: Option<&'static str>,
    mapping: Mapping,
    headers: StringRecord,
    places: Vec<(Field, usize)>,
    /// The columns that the workspace names, by their keys.
    open_places: Vec<(String, usize)>,
    /// The headers that say nothing to an import.
    pub unknown: Vec<String>,
    /// The headers that the mapping names and that the file has not.
    pub missing: Vec<String>,
}

impl Columns {
    /// The columns of a file by its headers. `open` stands before the dot of columns that the
    /// workspace names, like `attribute.seats`.
    pub fn of(
        headers: &StringRecord,
        (fields, needed): (&'static [Field], &[Field]),
        open: Option<&'static str>,
        mapping: Mapping,
    ) -> Result<Self, Unusable> {
        let mut columns = Self {
            fields,
            open,
            headers: headers.clone(),
            places: Vec::new(),
            open_places: Vec::new(),
            unknown: Vec::new(),
            missing: Vec::new(),
            mapping,
        };
        let is_there = |name: &&String| headers.iter().any(|header| header == name.as_str());
        let named = columns.mapping.columns.keys();
        columns.missing = named.filter(|name| !is_there(name)).cloned().collect();
        for (place, header) in headers.iter().take(MAX_COLUMNS).enumerate() {
            columns.add(header, place)?;
        }
        for field in needed {
            let is_there =
                columns.place(*field).is_some() || columns.mapping.values.contains_key(field.name);
            if !is_there {
                return Err(Unusable::MissingColumn(field.name));
            }
        }
        Ok(columns)
    }

    fn add(&mut self, header: &str, place: usize) -> Result<(), Unusable> {
        let name = self.mapping.columns.get(header).cloned();
        let name = name.as_deref().unwrap_or(header);
        let key = self.open.and_then(|open| name.strip_prefix(open)?.strip_prefix(['.', ':']));
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            let earlier = self.open_places.iter().find(|(it, _)| it == key).map(|(_, at)| *at);
            self.refuse_second(name, earlier, place)?;
            self.open_places.push((key.to_owned(), place));
            return Ok(());
        }
        let called = normal(name);
        match self.fields.iter().find(|field| field.is_called(&called)) {
            Some(field) => {
                self.refuse_second(field.name, self.place(*field), place)?;
                self.places.push((*field, place));
            }
            None if called == REJECTED_REASON || name.is_empty() => {}
            None => self.unknown.push(header.to_owned()),
        }
        Ok(())
    }

    fn refuse_second(
        &self,
        field: &str,
        earlier: Option<usize>,
        place: usize,
    ) -> Result<(), Unusable> {
        let Some(earlier) = earlier else { return Ok(()) };
        Err(Unusable::AmbiguousColumn {
            field: field.to_owned(),
            first: self.headers[earlier].to_owned(),
            second: self.headers[place].to_owned(),
        })
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(it, _)| *it == field).map(|(_, place)| *place)
    }

    /// Whether rows can name parents.
    pub fn say_parents(&self) -> bool {
        let field = super::accounts::fields::PARENT;
        self.fields.contains(&field) && self.place(field).is_some()
    }

    /// How many columns there are, known or not.
    pub fn count(&self) -> usize {
        self.headers.len()
    }

    /// What a row says about a field; an empty cell says nothing, unless the mapping says what.
    pub fn cell(&self, row: &StringRecord, field: Field) -> Option<String> {
        let cell = self.place(field).and_then(|place| row.get(place)).unwrap_or_default();
        let meaning = self.mapping.meaning(field.name, plain(cell));
        (!meaning.is_empty()).then(|| meaning.to_owned())
    }

    /// What a row says in the columns that the workspace names, by their keys; those that the
    /// mapping gives a value without a column are among them.
    pub fn open_cells(&self, row: &StringRecord) -> Vec<(String, String)> {
        let Some(open) = self.open else { return Vec::new() };
        let given = self.mapping.values.keys().filter_map(|name| {
            let key = name.strip_prefix(open)?.strip_prefix('.')?;
            let is_new = !self.open_places.iter().any(|(it, _)| it == key);
            is_new.then(|| (key.to_owned(), ""))
        });
        let cells = self.open_places.iter().map(|(key, place)| {
            let cell = row.get(*place).unwrap_or_default();
            (key.clone(), plain(cell))
        });
        let all = cells.chain(given).filter_map(|(key, cell)| {
            let meaning = self.mapping.meaning(&format!("{open}.{key}"), cell).to_owned();
            (!meaning.is_empty()).then_some((key, meaning))
        });
        all.collect()
    }

    /// Why a row was refused, in words, by the names that its columns have in the file.
    pub fn reason(&self, locale: Locale, problems: &[Problem]) -> String {
        let each = problems.iter().map(|problem| {
            let message = messages::of_problem(locale, problem);
            let about = self.header_of(&problem.field);
            let about = if about.is_empty() { String::new() } else { format!("{about}: ") };
            format!("{about}{message}{}", detail(locale, problem))
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// What the file calls the field of a problem.
    fn header_of(&self, path: &str) -> String {
        let header = |place: usize| self.headers.get(place).map(str::to_owned);
        if let Some(key) = self.open.and_then(|open| path.strip_prefix(open)?.strip_prefix('.')) {
            let place = self.open_places.iter().find(|(it, _)| it == key).map(|(_, place)| *place);
            return place.and_then(header).unwrap_or_else(|| path.to_owned());
        }
        let field = self.field_of_problem(path);
        let place = field.and_then(|field| self.place(field));
        let name = field.map_or(path, |field| field.name);
        place.and_then(header).unwrap_or_else(|| name.to_owned())
    }

    /// The field that a problem is about.
    pub fn field_of_problem(&self, path: &str) -> Option<Field> {
        of_problem(self.fields, path)
    }
}

/// What a message leaves out and whoever mends a row wants to know.
fn detail(locale: Locale, problem: &Problem) -> String {
    let param = |name: &str| problem.params.iter().find(|(it, _)| *it == name);
    match (problem.code, param("line"), locale) {
        (Code::DuplicateKey, Some((_, line)), Locale::En) => format!(" (line {line})"),
        (Code::DuplicateKey, Some((_, line)), Locale::PtBr) => format!(" (linha {line})"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;

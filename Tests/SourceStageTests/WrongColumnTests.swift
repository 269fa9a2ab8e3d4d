import TestSupport
import Testing

/// Declarations of columns that are wrong, each with the whole message that it gets.
@Suite struct WrongColumnTests {
  @Test(arguments: [
    ("{column: X}", "12: column 'x' has no `type`; say its type: `x: { type: decimal(2), column: Amount }`"),
    (
      "{type: money}",
      "19: 'money' is no type of a column; use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
    ),
    ("{type: int64, colum: X}", "26: column 'x' has no key `colum`; did you mean `column`?"),
    ("[int64]", "12: column 'x' is a list; write its type after it, or a mapping: {type: decimal(2), column: Amount}"),
    ("{type: int64, occurrence: 0}", "38: `occurrence` is '0'; count the columns of that name from 1"),
    ("{type: int64, format: cents}", "34: `format` is 'cents'; use one of: money, number"),
    ("{type: string, format: money}", "35: a string has no `format`; remove it, or declare another type"),
    (
      "{type: bool, format: money}",
      "33: 'money' is no format of a bool; use yes_no, or list the words: true: [Fraud], false: [Legit]"
    ),
    (
      "{type: bool, true: [x]}",
      "12: a bool in words of its own has both `true` and `false`, and no `format`; list the words: true: [Fraud], false: [Legit]"
    ),
    ("{type: bool, true: [x], false: [X]}", "32: 'x' is both true and false; list it once; case means nothing"),
    (
      "{type: int64, true: [x], false: [y]}",
      "12: only a bool has `true` and `false`; declare it as bool, or remove them"
    ),
    (
      "{type: timestamp, format: unix}",
      "38: `format` is 'unix': 'U' is no part of a layout; use unix_seconds, unix_milliseconds, unix_microseconds, or a layout such as 'YYYY/MM/DD HH:MM'"
    ),
    (
      "{type: timestamp, format: 'YYYY-MM'}",
      "39: `format` is 'YYYY-MM': the layout has no day (DD); use unix_seconds, unix_milliseconds, unix_microseconds, or a layout such as 'YYYY/MM/DD HH:MM'"
    ),
    (
      "{type: timestamp, format: 'YYYY-MM-DD MM'}",
      "39: `format` is 'YYYY-MM-DD MM': a part of the layout stands in it twice; use unix_seconds, unix_milliseconds, unix_microseconds, or a layout such as 'YYYY/MM/DD HH:MM'"
    ),
    (
      "{type: timestamp, step: 1h}",
      "12: a time in steps has both `step` and `since`; write how long a step is and when the first began: step: 1h, since: '2017-01-01'"
    ),
    (
      "{type: timestamp, step: 1 hour, since: '2017-01-01'}",
      "36: `step` is '1 hour'; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in 24h"
    ),
    ("{type: timestamp, step: 1h, since: 2017}", "47: `since` is '2017'; write a time: '2017-01-01 00:00:00'"),
    (
      "{type: int64, step: 1h, since: '2017-01-01'}",
      "12: only a timestamp has `step` and `since`; declare it as timestamp, or remove them"
    ),
    (
      "{type: timestamp, from: [A, B]}",
      "37: a column of several parts has no `format`; say what they make together: format: 'YYYY-MM-DD HH:MM'"
    ),
    (
      "{type: timestamp, from: [A, B], column: C, format: 'YYYY-MM-DD'}",
      "12: a column has both `from` and `column`; name all its parts after `from`"
    ),
    (
      "{type: string, from: [A, B], format: 'YYYY'}", "50: a string has no `format`; remove it, or declare another type"
    ),
    ("{type: int64, null: [NA]}", "33: column 'x' has words for null and is not nullable; declare it as int64?"),
    ("{type: int64?, null: NA}", "33: `null` is 'NA'; write a list: ['', NA, '?']"),
    ("{type: string, unquote: maybe}", "36: `unquote` is 'maybe'; use one of: true, false"),
    (
      "{type: decimal(2), min: a lot}",
      "36: `min` is 'a lot', which is no decimal(2); write a value of the column's type"
    ),
    ("{type: int64, min: 2, max: 1}", "31: no value of column 'x' is within `min` and `max`; swap them"),
    ("{type: string, min: a}", "32: a string has no `min`; remove it, or list values: one_of: [a, b]"),
    ("{type: bool, one_of: ['true']}", "35: a bool has no `one_of`; filter with the stage's `where`"),
    ("{type: int64, one_of: [1, two]}", "38: `one_of` is 'two', which is no int64; write a value of the column's type"),
    ("{type: int64, max_length: 3}", "38: only a string has `max_length`; remove it; `max` bounds numbers"),
    ("{type: string, max_length: many}", "39: `max_length` is 'many'; write a number of characters"),
  ])
  func isRefused(column: String, message: String) throws {
    let refusal = #expect(throws: DeclaredSource.Refusal.self) {
      try DeclaredSource("time: at\ncolumns:\n  at: timestamp\n  x: \(column)", header: "at,x,a,b,c")
    }
    #expect(refusal?.messages == ["p.yaml:9:\(message)"])
  }

  @Test(arguments: [
    (
      "{type: int64, column: y}",
      "'in.csv' has no column 'y'; line 1 names: at, x, X; name the columns in the file's first line, or take them out of `columns`"
    ),
    (
      "{type: int64, occurrence: 3}",
      "'in.csv' has no column 'x' (number 3 of that name); line 1 names: at, x, X; name the columns in the file's first line, or take them out of `columns`"
    ),
    ("int64", "'in.csv' has two columns 'X'; rename one of them, or choose: `x: {..., occurrence: 2}`"),
    (
      "{type: timestamp, from: [x, z], format: 'YYYY-MM-DD'}",
      "'in.csv' has two columns 'X'; rename one of them, or choose: `x: {..., occurrence: 2}`"
    ),
    (
      "{type: 'timestamp?', from: [at, z], format: 'YYYY-MM-DD'}",
      "'in.csv' has no column 'z'; line 1 names: at, x, X; name the columns in the file's first line, or take them out of `columns`"
    ),
  ])
  func aHeaderWithoutItsColumnIsRefused(column: String, message: String) throws {
    let refusal = #expect(throws: DeclaredSource.Refusal.self) {
      try DeclaredSource("time: at\ncolumns:\n  at: timestamp\n  x: \(column)", header: "at,x,X")
    }
    #expect(refusal?.messages == ["p.yaml:5:12: \(message)"])
  }
}

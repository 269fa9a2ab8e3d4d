internal import Records

/// The rule by which a zone goes on after its last known change, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule {
  /// Microseconds ahead of UTC.
  private let standard: Int64
  private let summer: Summer?

  private struct Summer {
    let offset: Int64
    let begin: Day
    let end: Day
  }

  /// A day of each year, and a time on it.
  private struct Day {
    var kind = Kind.ofYear(0)
    /// Microseconds from midnight of the clocks that hold until then.
    var time: Int64 = 2 * 3_600_000_000

    enum Kind {
      /// From 0, the 29th of February among them.
      case ofYear(Int64)
      /// From 1, the 29th of February never among them.
      case ofCommonYear(Int64)
      /// - Parameters:
      ///   - week: from 1; 5 is the last.
      ///   - weekday: from 0, Sunday.
      case ofMonth(Int64, week: Int64, weekday: Int64)
    }

    /// In days since 1970.
    func date(_ year: Int64) -> Int64 {
      let first = Timestamp.days(year: year, month: 1, day: 1)
      switch kind {
      case .ofYear(let day): return first + day
      case .ofCommonYear(let day):
        let isLeap = Timestamp.days(year: year, month: 3, day: 1) - first == 60
        return first + day - 1 + (isLeap && day > 59 ? 1 : 0)
      case .ofMonth(let month, let week, let weekday):
        let start = Timestamp.days(year: year, month: month, day: 1)
        let next =
          month == 12
          ? Timestamp.days(year: year + 1, month: 1, day: 1)
          : Timestamp.days(year: year, month: month + 1, day: 1)
        let startWeekday = Timestamp.weekday(of: start * Timestamp.microsecondsPerDay) % 7
        var day = start + (weekday - startWeekday + 7) % 7 + (week - 1) * 7
        while day >= next { day -= 7 }
        return day
      }
    }
  }

  /// Nil when `text` is no such rule.
  init?(_ text: ArraySlice<UInt8>) {
    var reader = Reader(text: text)
    guard reader.name(), let west = reader.duration() else { return nil }
    standard = -west
    if reader.isAtEnd {
      summer = nil
      return
    }
    guard reader.name() else { return nil }
    var offset = standard + 3_600_000_000
    if !reader.isNext(",") {
      guard let west = reader.duration() else { return nil }
      offset = -west
    }
    guard reader.take(","), let begin = reader.day(), reader.take(","), let end = reader.day(), reader.isAtEnd else {
      return nil
    }
    summer = Summer(offset: offset, begin: begin, end: end)
  }

  /// Adds the changes behind those that are there.
  func write(until lastYear: Int64, into starts: inout [Int64], _ offsets: inout [Int64]) {
    guard let summer else { return }
    let firstYear = max(starts.last.map { Timestamp.date(ofDay: Timestamp.day(of: $0)).year } ?? 1970, 1900)
    guard firstYear <= lastYear else { return }
    for year in firstYear...lastYear {
      let changes = [
        (summer.begin.date(year) * Timestamp.microsecondsPerDay + summer.begin.time - standard, summer.offset),
        (summer.end.date(year) * Timestamp.microsecondsPerDay + summer.end.time - summer.offset, standard),
      ]
      for (time, offset) in changes.sorted(by: { $0.0 < $1.0 }) where starts.last.map({ $0 < time }) ?? true {
        starts.append(time)
        offsets.append(offset)
      }
    }
  }

  private struct Reader {
    var text: ArraySlice<UInt8>

    var isAtEnd: Bool { text.isEmpty }
    func isNext(_ character: Unicode.Scalar) -> Bool { text.first == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard isNext(character) else { return false }
      text.removeFirst()
      return true
    }

    /// Three letters or more, or anything between angle brackets.
    mutating func name() -> Bool {
      if take("<") {
        guard let end = text.firstIndex(of: UInt8(ascii: ">")) else { return false }
        text = text[(end + 1)...]
        return true
      }
      let letters = text.prefix { 0x41...0x5A ~= $0 & 0xDF }
      text = text[letters.endIndex...]
      return letters.count >= 3
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
      let digits = text.prefix { 0x30...0x39 ~= $0 }
      guard 1...3 ~= digits.count else { return nil }
      text = text[digits.endIndex...]
      let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
      return range.contains(value) ? value : nil
    }

    /// `[+|-]hh[:mm[:ss]]` in microseconds.
    mutating func duration() -> Int64? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard let hours = number(0...167) else { return nil }
      var seconds = hours * 3600
      if take(":") {
        guard let minutes = number(0...59) else { return nil }
        seconds += minutes * 60
        if take(":") {
          guard let rest = number(0...59) else { return nil }
          seconds += rest
        }
      }
      return (isNegative ? -seconds : seconds) * 1_000_000
    }

    mutating func day() -> Day? {
      var day = Day()
      if take("M") {
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
        else { return nil }
        day.kind = .ofMonth(month, week: week, weekday: weekday)
      } else if take("J") {
        guard let number = number(1...365) else { return nil }
        day.kind = .ofCommonYear(number)
      } else {
        guard let number = number(0...365) else { return nil }
        day.kind = .ofYear(number)
      }
      if take("/") {
        guard let time = duration() else { return nil }
        day.time = time
      }
      return day
    }
  }
}

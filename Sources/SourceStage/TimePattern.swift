internal import Records

/// The layout of a date and a time: `YYYY/MM/DD HH:MM`, `DD.MM.YYYY`, `M/D/YYYY HH:MM:SS AM`, whatever the case.
///
/// `MM` behind the hour is minutes, elsewhere the month; `MON` is its English name, cut to three letters; a run of `F`, or of
/// three `S` and more, is the fraction of the second; `AM` goes with hours of 1 to 12. `T` and `Z` stand for themselves, as
/// does whatever is no letter. A part of two letters takes one digit too where no other part follows at once.
package struct TimePattern: Hashable, Sendable {
  package let text: String
  private let elements: [Element]

  private enum Element: Hashable {
    case literal(UInt8)
    case number(Part, digits: ClosedRange<Int>)
    case monthName
    case half
  }

  private enum Part: Int, Hashable {
    case year, shortYear, month, day, hour, minute, second, fraction
  }

  /// Why a text is no layout.
  package struct Mistake: Error, Hashable, Sendable {
    package let message: String
  }

  /// Stands between the texts that are put together: there the layout's own separators are taken for written.
  static var boundary: UInt8 { 0 }

  package init(_ text: String) throws(Mistake) {
    self.text = text
    guard text.utf8.count <= 100 else { throw Mistake(message: "the layout is longer than 100 characters") }
    var elements: [Element] = []
    var rest = Array(text.uppercased().utf8)[...]
    var isBehindHour = false
    while let first = rest.first {
      let run = rest.prefix { $0 == first }.count
      if rest.starts(with: Array("MON".utf8)) {
        elements.append(.monthName)
        rest = rest.dropFirst(3)
        continue
      }
      if rest.starts(with: Array("AM".utf8)) || rest.starts(with: Array("PM".utf8)) {
        elements.append(.half)
        rest = rest.dropFirst(2)
        continue
      }
      rest = rest.dropFirst(run)
      switch (first, run) {
      case (UInt8(ascii: "Y"), 4): elements.append(.number(.year, digits: 4...4))
      case (UInt8(ascii: "Y"), 2): elements.append(.number(.shortYear, digits: 2...2))
      case (UInt8(ascii: "M"), 1...2): elements.append(.number(isBehindHour ? .minute : .month, digits: 1...2))
      case (UInt8(ascii: "D"), 1...2): elements.append(.number(.day, digits: 1...2))
      case (UInt8(ascii: "H"), 1...2): elements.append(.number(.hour, digits: 1...2))
      case (UInt8(ascii: "S"), 1...2): elements.append(.number(.second, digits: 1...2))
      case (UInt8(ascii: "S"), 3...9), (UInt8(ascii: "F"), 1...9):
        elements.append(.number(.fraction, digits: 1...9))
      case (UInt8(ascii: "T"), 1), (UInt8(ascii: "Z"), 1): elements.append(.literal(first))
      case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _):
        throw Mistake(
          message: "'\(String(repeating: Character(Unicode.Scalar(first)), count: run))' is no part of a layout"
        )
      default: for _ in 0..<run { elements.append(.literal(first)) }
      }
      isBehindHour =
        if case .number(.hour, _)? = elements.last { true } else { isBehindHour && Self.isSeparator(first) }
    }
    self.elements = Self.exactBesideNumbers(elements)
    try check()
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { !(0x41...0x5A ~= byte) }

  /// Numbers that nothing parts have all their digits.
  private static func exactBesideNumbers(_ elements: [Element]) -> [Element] {
    var elements = elements
    for index in elements.indices.dropLast() {
      if case .number(let part, let digits) = elements[index], case .number = elements[index + 1] {
        elements[index] = .number(part, digits: digits.upperBound...digits.upperBound)
      }
    }
    return elements
  }

  private func check() throws(Mistake) {
    var parts: [Part] = []
    for element in elements {
      switch element {
      case .number(.shortYear, _): parts.append(.year)
      case .number(let part, _): parts.append(part)
      case .monthName: parts.append(.month)
      case .literal, .half: break
      }
    }
    guard Set(parts).count == parts.count else { throw Mistake(message: "a part of the layout stands in it twice") }
    for (part, name) in [(Part.year, "year (YYYY)"), (.month, "month (MM)"), (.day, "day (DD)")]
    where !parts.contains(part) {
      throw Mistake(message: "the layout has no \(name)")
    }
    if elements.contains(.half), !parts.contains(.hour) { throw Mistake(message: "the layout has AM and no hour (HH)") }
  }

  /// Microseconds since 1970 UTC of a text in this layout; nil for any other, and for no real date.
  func parse(_ text: Span<UInt8>) -> Int64? {
    var values = InlineArray<8, Int64>(repeating: 0)
    var isAfternoon: Bool?
    var at = 0
    var index = 0
    while index < elements.count {
      if at < text.count, text[at] == Self.boundary {
        at += 1
        while index < elements.count, case .literal = elements[index] { index += 1 }
        continue
      }
      switch elements[index] {
      case .literal(let byte):
        guard at < text.count, Self.upper(text[at]) == byte else { return nil }
        at += 1
      case .number(let part, let digits):
        guard let value = Self.number(text, &at, digits, isFraction: part == .fraction) else { return nil }
        values[part.rawValue] = value
        if part == .shortYear { values[Part.year.rawValue] = value < 70 ? 2000 + value : 1900 + value }
      case .monthName:
        guard let month = Self.month(text, at) else { return nil }
        values[Part.month.rawValue] = month
        at += 3
      case .half:
        guard at + 1 < text.count, Self.upper(text[at + 1]) == UInt8(ascii: "M") else { return nil }
        switch Self.upper(text[at]) {
        case UInt8(ascii: "A"): isAfternoon = false
        case UInt8(ascii: "P"): isAfternoon = true
        default: return nil
        }
        at += 2
      }
      index += 1
    }
    guard at == text.count else { return nil }
    return Self.time(values, isAfternoon: isAfternoon)
  }

  private static func time(_ values: InlineArray<8, Int64>, isAfternoon: Bool?) -> Int64? {
    let (year, month, day) = (values[Part.year.rawValue], values[Part.month.rawValue], values[Part.day.rawValue])
    guard year >= 1, 1...12 ~= month, day >= 1 else { return nil }
    let days = Timestamp.days(year: year, month: month, day: day)
    // A day that the month does not have is one of the next.
    guard Timestamp.date(ofDay: days) == (year, month, day) else { return nil }
    var hour = values[Part.hour.rawValue]
    if let isAfternoon {
      guard 1...12 ~= hour else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    let (minute, second) = (values[Part.minute.rawValue], values[Part.second.rawValue])
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return days * Timestamp.microsecondsPerDay + ((hour * 60 + minute) * 60 + second) * 1_000_000
      + values[Part.fraction.rawValue]
  }

  /// The number at `at`, behind which that moves; a fraction of a second as microseconds.
  private static func number(
    _ text: Span<UInt8>,
    _ at: inout Int,
    _ digits: ClosedRange<Int>,
    isFraction: Bool
  ) -> Int64? {
    var value: Int64 = 0
    var count = 0
    while count < digits.upperBound, at < text.count, text[at] &- 0x30 <= 9 {
      if !isFraction || count < 6 { value = value * 10 + Int64(text[at] &- 0x30) }
      count += 1
      at += 1
    }
    guard digits.contains(count) else { return nil }
    if isFraction, count < 6 { value *= DecimalText.powerOfTen(6 - count) }
    return value
  }

  private static func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }

  private static func month(_ text: Span<UInt8>, _ at: Int) -> Int64? {
    guard at + 2 < text.count else { return nil }
    let name = (upper(text[at]), upper(text[at + 1]), upper(text[at + 2]))
    let names: StaticString = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
    for month in 0..<12 {
      let start = unsafe names.utf8Start + month * 3
      if unsafe (start[0], start[1], start[2]) == name { return Int64(month) + 1 }
    }
    return nil
  }
}

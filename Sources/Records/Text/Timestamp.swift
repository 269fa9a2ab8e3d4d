/// Points in time as text. A time without an offset is UTC.
public enum Timestamp {
  package static let microsecondsPerSecond: Int64 = 1_000_000
  package static let microsecondsPerDay: Int64 = 86_400 * 1_000_000

  /// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms").
  @inlinable
  public static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year &- 1 : year
    let era = (shifted >= 0 ? shifted : shifted &- 399) / 400
    let yearOfEra = shifted &- era &* 400
    let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
    let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
    return era &* 146_097 &+ dayOfEra &- 719_468
  }

  /// The date of a day counted from 1970-01-01, the inverse of `days(year:month:day:)`.
  @inlinable
  public static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days &+ 719_468
    let era = (z >= 0 ? z : z &- 146_096) / 146_097
    let dayOfEra = z &- era &* 146_097
    let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
    let m = (5 &* dayOfYear &+ 2) / 153
    let month = m < 10 ? m &+ 3 : m &- 9
    let year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear &- (153 &* m &+ 2) / 5 &+ 1)
  }

  /// The whole days from 1970-01-01 to `time` (microseconds), rounded towards the past.
  @inlinable
  public static func day(of time: Int64) -> Int64 {
    let day = time / 86_400_000_000
    return time % 86_400_000_000 < 0 ? day &- 1 : day
  }

  /// Microseconds since midnight UTC of `time`.
  @inlinable
  public static func timeOfDay(of time: Int64) -> Int64 {
    let rest = time % 86_400_000_000
    return rest < 0 ? rest &+ 86_400_000_000 : rest
  }

  /// ISO 8601 weekday of `time`: 1 is Monday, 7 is Sunday.
  @inlinable
  public static func weekday(of time: Int64) -> Int64 {
    // 1970-01-01 was a Thursday.
    let shifted = (day(of: time) &+ 3) % 7
    return (shifted < 0 ? shifted &+ 7 : shifted) &+ 1
  }

  /// Microseconds since 1970 UTC of `YYYY-MM-DD`, with an optional time `HH:MM[:SS[.ffffff]]` after a space or `T`, and
  /// an optional `Z` or `+HH:MM` after that. Slashes may stand for the hyphens. More than six decimals are cut.
  /// Nil when the text is anything else or names no real date (years 1 to 9999).
  @inlinable
  public static func parse(_ text: Span<UInt8>) -> Int64? {
    guard let date = date(text) else { return nil }
    return time(text, of: date)
  }

  /// The start of the day that the first ten bytes of a text name.
  @inlinable
  static func date(_ text: Span<UInt8>) -> Int64? {
    guard text.count >= 10 else { return nil }
    guard let century = twoDigits(text, 0), let yearOfCentury = twoDigits(text, 2),
      text[4] == 0x2D || text[4] == 0x2F, text[7] == text[4],
      let month = twoDigits(text, 5), let day = twoDigits(text, 8)
    else { return nil }
    let year = century &* 100 &+ yearOfCentury
    guard year >= 1, 1...12 ~= month, day >= 1, day <= daysInMonth(year: year, month: month) else { return nil }
    return days(year: year, month: month, day: day) &* 86_400_000_000
  }

  /// The time that a text names whose first ten bytes are the day that begins at `date`.
  @inlinable
  static func time(_ text: Span<UInt8>, of date: Int64) -> Int64? {
    let count = text.count
    guard count > 10 else { return date }
    if count == 19, text[10] == 0x20 || text[10] == 0x54 {
      guard let time = timeOfDay(text, at: 11) else { return nil }
      return date &+ time
    }
    guard count >= 16, text[10] == 0x20 || text[10] == 0x54, text[13] == 0x3A,
      let hour = twoDigits(text, 11), hour < 24, let minute = twoDigits(text, 14), minute < 60
    else { return nil }
    var time = (hour &* 60 &+ minute) &* 60_000_000
    var index = 16
    if index < count, text[index] == 0x3A {
      guard count >= 19, let second = twoDigits(text, 17), second < 60 else { return nil }
      time &+= second &* 1_000_000
      index = 19
    }
    if index == count { return date &+ time }
    return rest(of: text, from: index, date &+ time)
  }

  /// The time of the day that eight bytes of a text name, as `23:59:59`.
  @inlinable
  @inline(__always)
  static func timeOfDay(_ text: Span<UInt8>, at start: Int) -> Int64? {
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(text[start &+ index]) &<< UInt64(index &* 8) }
    // The first byte in the lowest eight bits; all become 0 but for the digits, which become 0...9.
    let digits = word ^ 0x3030_3A30_303A_3030
    // What is above 2, 9, 0, 5, 9, 0, 5 or 9 sets the highest bit of its byte, or one below it is wrong already.
    guard (digits &+ 0x767A_7F76_7A7F_767D | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
    let pairs = Int64(bitPattern: digits &* 10 &+ digits &>> 8)
    let (hour, minute, second) = (pairs & 0xFF, pairs &>> 24 & 0xFF, pairs &>> 48 & 0xFF)
    return hour < 24 ? (hour &* 3600 &+ minute &* 60 &+ second) &* 1_000_000 : nil
  }

  /// The fraction of a second and the offset from UTC.
  @usableFromInline
  static func rest(of text: Span<UInt8>, from start: Int, _ time: Int64) -> Int64? {
    var index = start
    var time = time
    if text[index] == 0x2E {
      guard start == 19 else { return nil }
      index += 1
      var weight: Int64 = 100_000
      let first = index
      while index < text.count, text[index] &- 0x30 <= 9 {
        time += Int64(text[index] &- 0x30) * weight
        weight /= 10
        index += 1
      }
      guard index > first else { return nil }
    }
    if index == text.count { return time }
    switch text[index] {
    case 0x5A where index + 1 == text.count:
      return time
    case 0x2B, 0x2D:
      guard text.count >= index + 5, let hours = twoDigits(text, index + 1), hours < 24 else { return nil }
      let minutesAt = text[index + 3] == 0x3A ? index + 4 : index + 3
      guard text.count == minutesAt + 2, let minutes = twoDigits(text, minutesAt), minutes < 60 else { return nil }
      let offset = (hours * 60 + minutes) * 60_000_000
      return text[index] == 0x2B ? time - offset : time + offset
    default:
      return nil
    }
  }

  @inlinable
  @inline(__always)
  static func twoDigits(_ text: Span<UInt8>, _ index: Int) -> Int64? {
    guard index &+ 1 < text.count else { return nil }
    let tens = text[index] &- 0x30
    let ones = text[index &+ 1] &- 0x30
    return tens <= 9 && ones <= 9 ? Int64(tens) &* 10 &+ Int64(ones) : nil
  }

  @inlinable
  static func daysInMonth(year: Int64, month: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

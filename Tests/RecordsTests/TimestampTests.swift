import Records
import TestSupport
import Testing

@Suite struct TimestampTests {
  static func parse(_ text: String) -> Int64? { text.withBytes(Timestamp.parse) }
  static func print(_ time: Int64, separator: UInt8 = UInt8(ascii: " ")) -> String {
    TextBuffer.text { $0.append(timestamp: time, separator: separator) }
  }

  @Test func readsBackWhatItPrints() {
    let (first, last) = (Self.parse("1900-01-01") ?? 0, Self.parse("2200-01-01") ?? 0)
    for seed in Seeds.range(20_000) {
      var random = SeededRandom(seed: seed)
      var time = Int64.random(in: first...last, using: &random)
      if random.chance(oneIn: 3) { time -= time % 1_000_000 }
      let text = Self.print(time, separator: UInt8(ascii: random.chance(oneIn: 2) ? "T" : " "))
      #expect(Self.parse(text) == time, "seed \(seed): \(time) as \(text)")
      #expect(Self.parse(text + "Z") == time, "seed \(seed): \(text)Z")
      #expect(text.utf8.count == (time % 1_000_000 == 0 ? 19 : 26), "seed \(seed): \(text)")
    }
  }

  /// Many a text of the same day as the one before, some with a byte of it changed.
  @Test func remembersTheDateAndNothingElse() {
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      var reader = TimestampReader()
      var time = Int64.random(in: 0...4_000_000_000_000_000, using: &random)
      for _ in 0..<20 {
        if random.chance(oneIn: 3) { time += .random(in: -90_000_000_000...90_000_000_000, using: &random) }
        var bytes = Array(Self.print(time).utf8)
        if random.chance(oneIn: 4) {
          bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0x2C...0x3B, using: &random)
        }
        if random.chance(oneIn: 8) { bytes.removeLast(.random(in: 0...bytes.count, using: &random)) }
        let expected = Timestamp.parse(bytes.span)
        #expect(reader.parse(bytes.span) == expected, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Bytes at and beyond the bounds of each place, and any others.
  @Test func readsATimeByteByByte() {
    for seed in Seeds.range(50_000) {
      var random = SeededRandom(seed: seed)
      var bytes = Array("2018-04-01 ".utf8)
      for place in 0..<8 {
        let isColon = place == 2 || place == 5
        let common: [UInt8] = isColon ? [0x3A] : [0x30, 0x31, 0x32, 0x33, 0x35, 0x39]
        let byte =
          random.chance(oneIn: 12)
          ? ([0x2F, 0x36, 0x3A, 0x3B, 0x80, 0xB0, .random(in: .min ... .max, using: &random)] as [UInt8])
            .randomElement(using: &random) : common.randomElement(using: &random)
        bytes.append(byte ?? 0)
      }
      let parts = bytes.dropFirst(11).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      let numbers = parts.map { part in
        part.count == 2 && part.allSatisfy { 0x30...0x39 ~= $0 } ? Int64(String(decoding: part, as: UTF8.self)) : nil
      }
      var expected: Int64?
      if numbers.count == 3, let hour = numbers[0], let minute = numbers[1], let second = numbers[2],
        hour < 24, minute < 60, second < 60
      {
        expected = 1_522_540_800_000_000 + (hour * 3600 + minute * 60 + second) * 1_000_000
      }
      #expect(Timestamp.parse(bytes.span) == expected, "seed \(seed): \(bytes)")
    }
  }

  /// Day by day from 1600 to 2400, as a calendar on the wall goes.
  @Test func countsDaysAsTheCalendarDoes() {
    var (year, month, day) = (Int64(1600), Int64(1), Int64(1))
    // 1600-01-01 was a Saturday.
    var weekday = Int64(6)
    var count = Timestamp.days(year: 1600, month: 1, day: 1)
    #expect(count == -135_140)
    while year < 2400 {
      let date = Timestamp.date(ofDay: count)
      let time = count * 86_400_000_000 + 86_399_999_999
      guard date == (year, month, day), Timestamp.days(year: year, month: month, day: day) == count,
        Timestamp.day(of: time) == count, Timestamp.timeOfDay(of: time) == 86_399_999_999,
        Timestamp.weekday(of: time) == weekday
      else {
        Issue.record("day \(count) is \(date), weekday \(Timestamp.weekday(of: time)), not \(year)-\(month)-\(day)")
        return
      }
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let length: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
      (count, day, weekday) = (count + 1, day + 1, weekday % 7 + 1)
      if day > length { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
  }

  @Test(
    arguments: [
      ("1970-01-01", 0), ("1970/01/01 00:00", 0), ("1969-12-31T23:59:59.999999Z", -1),
      ("2018-04-01 00:02:36", 1_522_540_956),
      ("2000-02-29", 951_782_400), ("2024-02-29 12:00", 1_709_208_000), ("2018-04-01T02:02:36+02:00", 1_522_540_956),
      ("2018-03-31T19:32:36-0430", 1_522_540_956), ("0001-01-01", -62_135_596_800),
      ("9999-12-31 23:59:59", 253_402_300_799),
    ] as [(String, Int64)]
  )
  func reads(text: String, seconds: Int64) {
    #expect(Self.parse(text) == (seconds == -1 ? -1 : seconds * 1_000_000))
  }

  @Test func cutsWhatIsFinerThanAMicrosecond() {
    #expect(Self.parse("1970-01-01 00:00:00.5") == 500_000)
    #expect(Self.parse("1970-01-01 00:00:00.0000019999") == 1)
    #expect(Self.parse("1970-01-01 00:00:00.000001" + String(repeating: "9", count: 100)) == 1)
  }

  @Test(
    arguments: [
      "", "1970", "1970-1-1", "0000-01-01", "2018-00-01", "2018-13-01", "2018-04-00", "2018-04-31", "2018-02-29",
      "1900-02-29", "2100-02-29", "2018-04-01 ", "2018-04-01 1:02", "2018-04-01 24:00", "2018-04-01 23:60",
      "2018-04-01 23:59:60", "2018-04-01 00:00:00.", "2018-04-01 00:00.5", "2018-04-01 00:00:00 ",
      "2018-04-01 00:00:00ZZ",
      "2018-04-01 00:00:00+24:00", "2018-04-01 00:00:00+1", "2018-04-01 00:00:00+01:60", "2018-04-01-00:00",
      "2018/04-01",
      "2018-04-01x00:00", "01-04-2018", "2018-04-0\u{661}", "+018-04-01",
    ]
  )
  func refuses(text: String) { #expect(Self.parse(text) == nil) }

  @Test func leapDaysAreThoseOfTheGregorianCalendar() {
    for year in 1...9999 {
      let padded = String(repeating: "0", count: 4 - "\(year)".count) + "\(year)"
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      #expect((Self.parse("\(padded)-02-29") != nil) == isLeap, "\(year)")
      #expect(Self.parse("\(padded)-02-30") == nil, "\(year)")
    }
  }

  /// No time of 64 bits traps, and a year before the first one has its sign in front.
  @Test func printsAnyTime() {
    #expect(Self.print(.min) == "-290308-12-21 19:59:05.224192")
    #expect(Self.print(.max) == "294247-01-10 04:00:54.775807")
    #expect(Self.print(Timestamp.days(year: 0, month: 1, day: 1) * 86_400_000_000) == "0000-01-01 00:00:00")
    #expect(Self.print(Timestamp.days(year: -5, month: 3, day: 4) * 86_400_000_000) == "-0005-03-04 00:00:00")
  }
}

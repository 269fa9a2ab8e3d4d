import Foundation
import TestSupport
import Testing

/// Windows that leave a row when they close, by the real programs.
@Suite(.serialized) struct EmittingPipelineTests {
  static let file = """
    pipeline: closing
    stages:
      in:
        source:
          csv: rows.csv
          time: at
          columns: {id: int64, at: timestamp, user: string, shop: int64, amount: decimal(2)}
      minutes:
        from: in
        window: {key: shop, tumbling: 1m, features: {n: count, total: sum(amount), most: max(amount)}}
      hops:
        from: in
        window: {key: user, hopping: {length: 10m, every: 3m}, features: {n: count, shops: distinct(shop)}}
      sessions:
        from: in
        where: amount >= 2
        window: {key: user, session: {gap: 2m, longest: 12m}, features: {n: count, first: first(id), last: last(id)}}
      busy:
        from: sessions
        window: {key: user, features: {sessions_1h: count over 1h}}
      by_minute: {from: minutes, sink: {file: minutes.csv}}
      by_hop: {from: hops, sink: {file: hops.csv}}
      by_session: {from: busy, sink: {file: sessions.csv}}
      all: {from: in, where: amount > 9.9, sink: {stdout: csv, columns: [id]}}
    """
  static let runs = GraphRuns(
    file: "closing.yaml",
    options: ["--output", "all=all.csv"],
    outputs: ["minutes.csv", "hops.csv", "sessions.csv", "all.csv"],
    folder: folder
  )
  static let rows = 6000

  private struct Record {
    let id: Int
    let second: Int
    let user: String
    let shop: Int
    let cents: Int
  }

  private static let records: [Record] = {
    var random = SeededRandom(seed: 31)
    var second = 0
    return (0..<rows).map { id in
      // Exactly at the ends of windows, and a long way behind them.
      second += [0, 1, 2, 3, 5, 30].randomElement(using: &random) ?? 0
      if random.chance(oneIn: 20) { second = (second / 60 + 1) * 60 }
      if random.chance(oneIn: 500) { second += 4000 }
      return Record(
        id: id,
        second: second,
        user: "user \(Int.random(in: 0..<40, using: &random))",
        shop: Int.random(in: -5..<15, using: &random),
        cents: Int.random(in: 0..<1000, using: &random)
      )
    }
  }()

  static func clock(_ second: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "2026-03-\(two(1 + second / 86400)) \(two(second / 3600 % 24)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  static func money(_ cents: Int) -> String { "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)" }

  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("closing.yaml", file)
    let lines = records.map { "\($0.id),\(clock($0.second)),\($0.user),\($0.shop),\(money($0.cents))\n" }
    try folder.write("rows.csv", "id,at,user,shop,amount\n" + lines.joined())
    return folder
  }

  static let undisturbed = Result { try runs.undisturbed(in: folder()) }

  /// The lines of a result without its header, sorted: the order of what closes at one time has its own tests.
  static func lines(_ data: Data) -> [String] {
    String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst().map(String.init).sorted()
  }

  @Test func theRowsAreThoseOfANaiveEvaluation() throws {
    let undisturbed = try Self.undisturbed.get()
    let (results, totals) = (undisturbed.files, undisturbed.totals)
    var minutes: [String] = []
    for (shop, rows) in Dictionary(grouping: Self.records, by: \.shop) {
      for (minute, rows) in Dictionary(grouping: rows, by: { $0.second / 60 }) {
        let amounts = rows.map(\.cents)
        minutes.append(
          "\(shop),\(Self.clock(minute * 60)),\(Self.clock(minute * 60 + 60)),\(rows.count),"
            + "\(Self.money(amounts.reduce(0, +))),\(Self.money(amounts.max() ?? 0))"
        )
      }
    }
    #expect(Self.lines(results[0]) == minutes.sorted())

    var hops: [String] = []
    let last = (Self.records.last?.second ?? 0) + 700
    for (user, rows) in Dictionary(grouping: Self.records, by: \.user) {
      for start in stride(from: -600, to: last, by: 180) {
        let held = rows.filter { start..<start + 600 ~= $0.second }
        if held.isEmpty { continue }
        // The first windows began the day before.
        let begin = start < 0 ? "2026-02-28 23:\(60 + start / 60):00" : Self.clock(start)
        hops.append("\(user),\(begin),\(Self.clock(start + 600)),\(held.count),\(Set(held.map(\.shop)).count)")
      }
    }
    #expect(Self.lines(results[1]) == hops.sorted())

    var sessions: [String] = []
    for (user, rows) in Dictionary(grouping: Self.records.filter { $0.cents >= 200 }, by: \.user) {
      var parts: [[Record]] = []
      for row in rows {
        if let part = parts.last, let first = part.first, let before = part.last, row.second - before.second < 120,
          row.second - first.second < 720
        {
          parts[parts.count - 1].append(row)
        } else {
          parts.append([row])
        }
      }
      var ends: [Int] = []
      for part in parts {
        guard let first = part.first, let last = part.last else { continue }
        let end = min(last.second + 120, first.second + 720)
        ends.append(end)
        sessions.append(
          "\(user),\(Self.clock(first.second)),\(Self.clock(end)),\(part.count),\(first.id),\(last.id),"
            + "\(ends.count { $0 > end - 3600 })"
        )
      }
    }
    #expect(Self.lines(results[2]) == sessions.sorted())
    #expect(totals["unaccounted for"] == "0")
    let emitted = totals["emitted"].flatMap { Int($0.replacing(",", with: "")) }
    #expect(emitted == minutes.count + hops.count + sessions.count, "\(totals)")
  }

  @Test(
    arguments: [
      ["--batch-rows", "7"], ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "300 rows"],
      ["--workers", "in=2", "--workers", "minutes=3", "--workers", "hops=2", "--workers", "sessions=7"],
      ["--workers", "in=3", "--workers", "busy=2", "--workers", "by_hop=2", "--isolation", "thread"],
      ["--workers", "in=2", "--workers", "hops=3", "--mode", "micro-batch", "--every", "100 rows"],
    ],
    [false, true]
  )
  func everyWayToRunItGivesTheSameBytes(way: [String], hasCheckpoints: Bool) throws {
    try Self.runs.check(way: way, hasCheckpoints: hasCheckpoints, against: Self.undisturbed.get())
  }

  @Test func killsAndInterruptsChangeNothing() throws {
    let stages = ["in", "minutes", "hops", "sessions", "busy"]
    try Self.runs.checkDisturbed(stages, speed: "60000x", against: Self.undisturbed.get())
  }
}

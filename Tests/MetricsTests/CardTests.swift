import Metrics
import TestSupport
import Testing

/// Cards day by day, against the definitions.
@Suite struct CardTests {
  private static func rows(_ random: inout SeededRandom) -> [RatedRow] {
    let cards = UInt64([3, 40, 3000].randomElement(using: &random) ?? 3)
    let levels = [2, 10, 1 << 30].randomElement(using: &random) ?? 2
    return (0..<Int.random(in: 1...2000, using: &random)).map { _ in
      RatedRow(
        score: Double(Int.random(in: 0..<levels, using: &random)),
        isFraud: random.chance(oneIn: 8),
        card: random.chance(oneIn: 50) ? nil : UInt64.random(in: 0..<cards, using: &random),
        day: Int64.random(in: -3...6, using: &random)
      )
    }.sorted { $0.day < $1.day }
  }

  /// The k cards of a day with the highest scores, of equals those that came first.
  private static func top(_ rows: [RatedRow], _ k: Int) -> [UInt64] {
    var order: [UInt64] = []
    var scores: [UInt64: Double] = [:]
    for row in rows {
      guard let card = row.card else { continue }
      if scores[card] == nil { order.append(card) }
      scores[card] = max(scores[card] ?? row.score, row.score)
    }
    let ranked = order.enumerated().sorted {
      let (one, other) = (scores[$0.element] ?? 0, scores[$1.element] ?? 0)
      return one > other || (one == other && $0.offset < $1.offset)
    }
    return ranked.prefix(k).map(\.element)
  }

  @Test func whatIsFoundIsBlockedFromTheNextDayOn() {
    for seed in Seeds.range(40) {
      var random = SeededRandom(seed: seed)
      let rows = Self.rows(&random)
      let k = [1, 5, 100].randomElement(using: &random) ?? 1
      var precision = CardPrecision(k: k)
      var found: Set<UInt64> = []
      var shares: [Double] = []
      for day in -3...6 as ClosedRange<Int64> {
        let all = rows.filter { $0.day == day }
        precision.add(all.span)
        let closed = precision.closeDay()
        let left = all.filter { row in row.card.map { !found.contains($0) } ?? false }
        let frauds = Set(left.filter(\.isFraud).compactMap(\.card))
        let hits = Self.top(left, k).filter(frauds.contains)
        // Rows without a card are of no day.
        guard all.contains(where: { $0.card != nil }) else {
          #expect(closed == nil, "seed \(seed)")
          continue
        }
        #expect(closed?.day == day && closed?.found == hits.count, "seed \(seed), day \(day)")
        #expect(closed?.compromised == frauds.count, "seed \(seed), day \(day)")
        shares.append(Double(hits.count) / Double(k))
        found.formUnion(hits)
      }
      let mean = precision.finish()
      #expect(mean?.days ?? 0 == shares.count, "seed \(seed)")
      if let mean {
        #expect(abs(mean.precision - shares.reduce(0, +) / Double(shares.count)) < 1e-12, "seed \(seed)")
      }
    }
  }

  @Test func aFraudIsKnownOnTheDayBehindItsDelay() {
    for seed in Seeds.range(40) {
      var random = SeededRandom(seed: seed)
      let frauds = Self.rows(&random).filter(\.isFraud)
      let delay = Int64.random(in: 0...4, using: &random)
      let first = random.chance(oneIn: 3) ? nil : Int64.random(in: -4...6, using: &random)
      var known = KnownCards(delay: delay, firstDay: first)
      for fraud in frauds.shuffled(using: &random) {
        if let card = fraud.card { known.add(card, day: fraud.day) }
      }
      for card in Set(frauds.compactMap(\.card)).union([77_777]) {
        for day in -5...12 as ClosedRange<Int64> {
          // "the frauds of the days up to (day - delay - 1)", from the first on
          let isKnown = frauds.contains { $0.card == card && $0.day >= first ?? .min && $0.day <= day - delay - 1 }
          #expect(known.isKnown(card, on: day) == isKnown, "seed \(seed), card \(card), day \(day)")
        }
      }
    }
  }

  @Test func fatesAreCounted() {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let rows = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        (
          isFraud: random.chance(oneIn: 3), isFlagged: random.chance(oneIn: 3),
          amount: Int64.random(in: Int64.max / 2...Int64.max, using: &random)
        )
      }
      var confusion = Confusion()
      for row in rows { confusion.add(isFraud: row.isFraud, isFlagged: row.isFlagged, amount: row.amount) }
      let (frauds, flagged) = (rows.filter(\.isFraud), rows.filter(\.isFlagged))
      let caught = frauds.filter(\.isFlagged)
      #expect(confusion.rows == Int64(rows.count) && confusion.frauds == Int64(frauds.count), "seed \(seed)")
      #expect(confusion.falsePositives == Int64(flagged.count - caught.count), "seed \(seed)")
      // No sum of 64-bit amounts is too large.
      #expect(confusion.caughtValue == caught.reduce(into: 0) { $0 += Int128($1.amount) }, "seed \(seed)")
      #expect(confusion.precision == (flagged.isEmpty ? nil : Double(caught.count) / Double(flagged.count)))
      #expect(confusion.recall == (frauds.isEmpty ? nil : Double(caught.count) / Double(frauds.count)))
    }
  }
}

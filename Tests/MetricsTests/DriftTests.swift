import Metrics
import TestSupport
import Testing

/// References and rates against their definitions.
@Suite struct DriftTests {
  private static func values(_ random: inout SeededRandom) -> [Double?] {
    let levels = [1, 2, 12, 1 << 40].randomElement(using: &random) ?? 1
    return (0..<Int.random(in: 1...500, using: &random)).map { _ in
      random.chance(oneIn: 12) ? nil : Double(Int.random(in: -levels...levels, using: &random)) / 8
    }
  }

  @Test func everyValueIsInItsBin() throws {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let values = Self.values(&random)
      let reference = ReferenceDistribution(values.compactMap { $0 }, missing: Int64(values.count { $0 == nil }))
      #expect(reference.isSound && reference.rows == Int64(values.count), "seed \(seed)")
      var counts = Array(repeating: Int64(0), count: reference.counts.count + 1)
      for value in values {
        let bin = reference.bin(value)
        counts[bin] += 1
        guard let value else {
          #expect(bin == reference.counts.count, "seed \(seed)")
          continue
        }
        #expect(bin == reference.edges.count { $0 < value }, "seed \(seed)")
      }
      #expect(counts == reference.counts + [reference.missing], "seed \(seed)")
      #expect(reference.stabilityIndex(counts) == 0, "seed \(seed)")
      // Moved rows are never nearer than none that moved.
      let others = counts.map { _ in Int64.random(in: 0...50, using: &random) }
      if others.reduce(0, +) > 0 {
        #expect(try #require(reference.stabilityIndex(others)) >= 0, "seed \(seed)")
      } else {
        #expect(reference.stabilityIndex(others) == nil, "seed \(seed)")
      }
      // No bin but the first is emptier than a tenth where no value repeats.
      if Set(values.compactMap { $0 }).count == values.count {
        #expect(reference.edges.count == 9 || values.count < 10)
      }
    }
  }

  @Test func theRateIsThatOfTheLastDays() {
    for seed in Seeds.range(50) {
      var random = SeededRandom(seed: seed)
      let length = Int64.random(in: 1...20, using: &random)
      var rate = RollingValueRate(days: length)
      var closed: [(day: Int64, fraud: Int128, all: Int128)] = []
      for day in -10...60 as ClosedRange<Int64> where !random.chance(oneIn: 4) {
        let all = Int128(Int64.random(in: 0...3, using: &random)) * Int128(Int64.max / 2)
        let next = (day: day, fraud: all / 3, all: all)
        closed.append(next)
        let window = closed.filter { $0.day > day - length }
        let sum = window.reduce(into: Int128(0)) { $0 += $1.all }
        let fraud = window.reduce(into: Int128(0)) { $0 += $1.fraud }
        let expected = sum > 0 ? Double(fraud) / Double(sum) : nil
        #expect(rate.close(day, fraud: next.fraud, all: next.all) == expected, "seed \(seed), day \(day)")
      }
    }
  }
}

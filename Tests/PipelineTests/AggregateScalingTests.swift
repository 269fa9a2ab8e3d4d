import Foundation
import TestSupport
import Testing

/// Every aggregate, by the real programs: the same bytes however it is run, and what the definitions say.
@Suite(.serialized) struct AggregateScalingTests {
  static let stages = ["transactions", "customer", "kind", "alerts"]
  static let limit = 12_000

  static func output(_ options: [String] = []) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write("every.yaml", EveryAggregate.pipeline)
    let run = try Program.run("sluice", ["run", path, "--all", "--limit", "\(limit)"] + options, in: folder)
    try #require(run.status == 0, "\(run.log)")
    try #require(Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
    return run.output
  }

  static let expected = Result { try output() }

  static let combinations: [ScalingTests.Combination] = [
    .init([1, 1, 1, 1], 7, ScalingTests.rows, threads: true), .init([1, 1, 1, 1], 1000, "500ms"),
    .init([2, 2, 2, 2], 1000), .init([3, 3, 3, 3], 65536, threads: true), .init([3, 3, 3, 3], 7, ScalingTests.rows),
    .init([7, 7, 7, 7], 1000, ScalingTests.rows, threads: true), .init([1, 7, 2, 1], 1),
    .init([2, 1, 3, 2], 1, ScalingTests.rows, threads: true), .init([1, 3, 7, 2], 65536),
  ]

  @Test(arguments: combinations)
  func everyCombinationGivesTheSameBytes(combination: ScalingTests.Combination) throws {
    let output = try Self.output(combination.options(of: Self.stages))
    let expected = try Self.expected.get()
    // A comparison of both texts would print them.
    #expect(output.utf8.count == expected.utf8.count && output == expected, "the outputs differ")
  }

  @Test func everyFunctionIsThere() {
    let functions = (EveryAggregate.ofCustomers + EveryAggregate.ofKinds).map { feature in
      String(feature.text.prefix { $0 != "(" && $0 != " " })
    }
    #expect(Set(functions).count == 21)
  }

  /// The hot keys of few kinds are looked at for fewer rows: the model reads all of a key for each of them.
  @Test(arguments: [
    ("c", EveryAggregate.ofCustomers, EveryAggregate.customer, 12_000),
    ("k", EveryAggregate.ofKinds, EveryAggregate.kind, 1500),
  ])
  func featuresAreAsDefined(prefix: String, features: [EveryAggregate.Feature], key: Int, count: Int) throws {
    let lines = try Self.expected.get().split(separator: "\n")
    let rows = try EveryAggregate.rows(count)
    var naive = NaiveFeatures(features.map(\.definition)) { $0.values[key] }
    for (row, line) in zip(rows, lines) {
      let result = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      for (index, expected) in naive.process(row).enumerated() {
        let name = "\(prefix)\(index)"
        let actual = try #require(result[name])
        // Foundation's numbers are not always the nearest to their text.
        let number = Self.number(name, in: line)
        if !expected.accepts(json: actual, number: number, unit: features[index].unit) {
          Issue.record("\(actual) is not \(expected) in row \(row.ordinal): \(features[index].text)")
          return
        }
      }
    }
  }
}

extension AggregateScalingTests {
  /// The number of a line of JSON under a name; nil where there is none.
  private static func number(_ name: String, in line: Substring) -> Double? {
    guard let start = line.firstRange(of: "\"\(name)\":")?.upperBound else { return nil }
    return Double(line[start...].prefix { $0 != "," && $0 != "}" })
  }
}

extension EveryAggregate.Feature {
  /// Of a result that is a decimal.
  var unit: Int64 {
    switch definition.function {
    case .sum, .min, .max, .first, .last, .top: definition.inputs.first?.unit ?? 1
    default: 1
    }
  }
}

extension NaiveResult {
  /// Whether a value of a line of JSON is it.
  func accepts(json: Any, number: Double?, unit: Int64) -> Bool {
    switch value {
    case .null: json is NSNull
    case .text(let text): json as? String == text
    case .bool(let value): json as? Bool == value
    case .int(let value): number == Double(value) / Double(unit)
    case .float: number.map { accepts(.float($0)) } ?? false
    }
  }
}

import Foundation
import TestSupport
import Testing

/// What `sluice why --json` says.
struct WhyAnswer: Decodable {
  let pipeline: String
  let version: String?
  let column: String
  let id: String
  let occurrences: Int
  let copies: Int
  let origin: String?
  let time: String
  let row: [String: Scalar]
  let ending: String?
  let stages: [Stage]
  let times: Times?
  let replay: Replay

  struct Times: Decodable {
    let settled: Bool
    let nanoseconds: Int
    let stages: [Stage]

    struct Stage: Decodable {
      let stage: String
      let from: String?
      let underway: Int
      let waited: Int
      let worked: Int
      let since: Int
    }
  }

  struct Replay: Decodable {
    let rows: Int
  }

  struct Stage: Decodable {
    let stage: String
    let kind: String
    let key: [String: Scalar]?
    let emits: Bool?
    let features: [Feature]?
    let score: Scalar?
    /// What a model that learns said, and where.
    let column: String?
    let value: Scalar?
    let model: String?
    let decision: Scalar?
    let reasons: [String]?
    let inputs: [String: Scalar]?
    let contributions: Contributions?
    let challengers: [Challenger]?
    let rules: [Rule]?
    let shown: Bool?
  }

  struct Challenger: Decodable {
    let name: String
    let score: Scalar
    let inputs: [String: Scalar]?
    let contributions: Contributions?
  }

  /// Either all but `unknown`, or that.
  struct Contributions: Decodable, Equatable {
    let base: Double?
    let inputs: [Input]?
    let sum: Double?
    let output: Output?
    let score: Double?
    let unknown: String?

    struct Input: Decodable, Equatable {
      let name: String
      let value: Scalar
      let contribution: Double
    }

    struct Output: Decodable, Equatable {
      let kind: String
      let steepness: Double?
    }

    /// Whether each of the names is there once, what contributes most first, of equal ones in their order.
    func isOrdered(_ names: [String]) -> Bool {
      guard let inputs, inputs.count == names.count, Set(inputs.map(\.name)) == Set(names) else { return false }
      let places = inputs.map { (abs($0.contribution), names.firstIndex(of: $0.name) ?? 0) }
      return zip(places, places.dropFirst()).allSatisfy { $0.0 != $1.0 ? $0.0 > $1.0 : $0.1 < $1.1 }
    }

    /// What the base and the contributions make together.
    var scoreOfParts: Double {
      get throws {
        let (base, inputs) = (try #require(base), try #require(inputs))
        let total = inputs.reduce(base) { $0 + $1.contribution }
        #expect(abs(total - (sum ?? .nan)) <= 1e-9 * max(1, abs(total)))
        guard output?.kind == "logistic", let steepness = output?.steepness else { return total }
        return 1 / (1 + exp(-steepness * total))
      }
    }
  }

  struct Feature: Decodable {
    let name: String
    let value: Scalar
    let feature: String
    let window: String?
    let from: Edge?
    let to: Edge?
    let rows: Int
    let tells: String
    let listed: [Listed]
  }

  struct Edge: Decodable, Equatable {
    let time: String
    let included: Bool
  }

  struct Listed: Decodable {
    let time: String
    let values: [Scalar]
    let row: [String: Scalar]
  }

  struct Rule: Decodable {
    let name: String
    let condition: String
    let holds: Bool
    let counts: Bool
  }

  /// A value of a row.
  enum Scalar: Decodable, Hashable {
    case null
    case number(Double)
    case text(String)
    case truth(Bool)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let truth = try? value.decode(Bool.self) {
        self = .truth(truth)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
  }

  /// Asks the real program.
  static func of(_ pipeline: String, _ id: String, _ options: [String] = [], in folder: TemporaryFolder) throws
    -> WhyAnswer
  {
    let run = try Program.run("sluice", ["why", pipeline, id, "--json", "--rows", "1000000"] + options, in: folder)
    try #require(run.status == 0 && run.log == "", "\(run.log)")
    return try JSONDecoder().decode(WhyAnswer.self, from: Data(run.output.utf8))
  }

  func features(of stage: String) throws -> [Feature] {
    let found = stages.first { $0.stage == stage }
    return try #require(found?.features)
  }
}

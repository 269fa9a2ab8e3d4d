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
  let replay: Replay

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
    let decision: Scalar?
    let reasons: [String]?
    let rules: [Rule]?
    let shown: Bool?
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

import Foundation
import ModelFiles
import Models

/// splitmix64, as `make-fixtures.py` has it.
struct Draws {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The rows that `make-fixtures.py` generates, by the same integers.
enum GeneratedRows {
  static let featureCount = 9

  static func rows(seed: UInt64, count: Int) -> [Double] {
    var draws = Draws(seed: seed)
    return (0..<count * featureCount).map { index in
      let z = draws.next()
      if z & 7 == 0 { return .nan }
      let isWhole = index % featureCount % 3 == 0
      return isWhole ? Double(z >> 8 & 15) - 4 : Double(Int(z >> 40) - (1 << 23)) * 0x1p-22
    }
  }

  /// Of integers, fractions, fractions that single precision rounds, and categories.
  static let mixedFeatureCount = 8

  static func mixed(seed: UInt64, count: Int) -> [Double] {
    var draws = Draws(seed: seed)
    return (0..<count * mixedFeatureCount).map { index in
      let z = draws.next()
      if z & 7 == 0 { return .nan }
      let fraction = Double(Int(z >> 12) - (1 << 51)) * 0x1p-50
      switch index % mixedFeatureCount {
      case 0: return Double((z >> 8) % 5) - 2
      case 1, 2: return Double(Float(fraction))
      case 6: return (z >> 20) % 16 == 0 ? [90, 1000][Int(z >> 30 & 1)] : Double((z >> 8) % 40)
      case 7: return Double((z >> 8) % 4)
      default: return fraction
      }
    }
  }
}

enum Fixture {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  static func floats(_ name: String) throws -> [Float] {
    try words(name, UInt32.self).map { Float(bitPattern: $0) }
  }

  static func doubles(_ name: String) throws -> [Double] {
    try words(name, UInt64.self).map { Double(bitPattern: $0) }
  }

  private static func words<T: FixedWidthInteger>(_ name: String, _: T.Type) throws -> [T] {
    let bytes = try bytes(name)
    let size = T.bitWidth / 8
    return (0..<bytes.count / size).map { index in
      (0..<size).reduce(T(0)) { $0 | T(bytes[index * size + $1]) << T(8 * $1) }
    }
  }
}

func scores(_ model: ScoringModel, _ rows: [Double]) -> [Double] {
  let count = rows.count / model.featureCount
  var scores = [Double](repeating: .nan, count: count)
  var span = scores.mutableSpan
  model.score(rows: rows.span, count: count, into: &span)
  return scores
}

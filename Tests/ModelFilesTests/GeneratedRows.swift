import Foundation
import ModelFiles
import Models

/// The rows that `make-fixtures.py` generates, by the same integers.
enum GeneratedRows {
  static let featureCount = 9

  static func rows(seed: UInt64, count: Int) -> [Float] {
    var state = seed
    return (0..<count * featureCount).map { index in
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      if z & 7 == 0 { return .nan }
      let isWhole = index % featureCount % 3 == 0
      return isWhole ? Float(z >> 8 & 15) - 4 : Float(Int(z >> 40) - (1 << 23)) * 0x1p-22
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
    let bytes = try bytes(name)
    return (0..<bytes.count / 4).map { index in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index * 4 + $1]) << UInt32(8 * $1) })
    }
  }
}

func scores(_ model: ScoringModel, _ rows: [Float]) -> [Double] {
  let count = rows.count / model.featureCount
  var scores = [Double](repeating: .nan, count: count)
  var span = scores.mutableSpan
  model.score(rows: rows.span, count: count, into: &span)
  return scores
}

internal import Foundation
internal import Records

/// A dead letter, as a run wrote it and a user may have repaired it.
struct Letter: Codable {
  var source: String
  var line: Int
  var byteOffset: Int
  var field: String?
  var reason: String
  var raw: String?
  var rawBase64: String?
  var rawIsCut: Bool?

  enum CodingKeys: String, CodingKey {
    case source, line, field, reason, raw
    case byteOffset = "byte_offset"
    case rawBase64 = "raw_base64"
    case rawIsCut = "raw_is_cut"
  }

  /// The bytes of the input.
  var bytes: [UInt8] {
    raw.map { Array($0.utf8) } ?? rawBase64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? []
  }

  /// The reason without what is only this letter's: the same mistakes have the same.
  var kind: String {
    if reason.hasPrefix("late: ") { return "late" }
    if reason.hasPrefix("'"), let end = reason.range(of: "' is ", options: .backwards) {
      return "'...' is " + reason[end.upperBound...]
    }
    for words in [
      " is less than the column's", " is greater than the", " is none of the column's", " characters where the",
    ] {
      if let place = reason.range(of: words) { return "..." + reason[place.lowerBound...] }
    }
    guard let place = reason.range(of: "at byte "), reason.hasPrefix("not a JSON") else { return reason }
    return String(reason[..<place.lowerBound] + reason[place.upperBound...].drop { $0.isNumber }.dropFirst())
  }

  /// Its bytes as one line of text: what is no text is spelled out.
  func shown(atMost most: Int = .max) -> String {
    var text = ""
    for byte in bytes.prefix(most == .max ? most : most * 4) where rawBase64 != nil {
      text += 0x20..<0x7F ~= byte ? String(UnicodeScalar(byte)) : "\\x" + String(format: "%02X", byte)
    }
    if let raw { text = raw.printable }
    let isCut = text.count > most || rawIsCut == true
    return text.prefix(most) + (isCut ? "..." : "")
  }

  /// As a line of a file of letters.
  var json: String {
    var text = TextBuffer()
    text.append("{\"source\":")
    text.append(json: source)
    text.append(",\"line\":\(line),\"byte_offset\":\(byteOffset),\"field\":" as String)
    if let field { text.append(json: field) } else { text.append("null") }
    text.append(",\"reason\":")
    text.append(json: reason)
    if let raw {
      text.append(",\"raw\":")
      text.append(json: raw)
    } else {
      text.append(",\"raw_base64\":\"\(rawBase64 ?? "")\"" as String)
    }
    if rawIsCut == true { text.append(",\"raw_is_cut\":true") }
    text.append("}\n")
    return String(decoding: text.bytes.indices.map { text.bytes[$0] }, as: UTF8.self)
  }
}

/// A file of dead letters.
enum LetterFile {
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  static func read(_ path: String) throws(Problem) -> [Letter] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Problem(description: "cannot read '\(path)'; give the file that a run named after its dead letters")
    }
    var letters: [Letter] = []
    let decoder = JSONDecoder()
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      guard let letter = try? decoder.decode(Letter.self, from: line), letter.raw != nil || letter.rawBase64 != nil
      else {
        throw Problem(
          description:
            "'\(path)' line \(index + 1) is no dead letter; keep each on a line of its own, with `raw` or `raw_base64`"
        )
      }
      letters.append(letter)
    }
    return letters
  }
}

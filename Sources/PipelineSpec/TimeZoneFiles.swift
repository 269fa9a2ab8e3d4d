internal import Expressions
internal import Foundation

/// The time zones that this machine knows: the rules are read here, once, and travel in the plan.
enum TimeZoneFiles {
  private static let folder = "/usr/share/zoneinfo/"

  /// The rules of a zone; nil where there is no such zone.
  static func rules(_ name: String) -> TimeZoneRules? {
    if name == "UTC" { return .utc }
    // A name is not to lead out of the folder.
    guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."),
      let file = FileManager.default.contents(atPath: folder + name)
    else { return nil }
    return TimeZoneRules(file: [UInt8](file))
  }

  /// The names of the zones, for messages; empty where the machine has none.
  static func names() -> [String] {
    guard let text = try? String(contentsOfFile: folder + "tzdata.zi", encoding: .utf8) else { return [] }
    // `Z NAME ...` defines a zone, `L TARGET NAME` gives one another name.
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count >= 3 && words[0] == "Z"
        ? String(words[1]) : words.count == 3 && words[0] == "L" ? String(words[2]) : nil
    }
  }
}

extension ExpressionNames {
  /// The time zones of this machine, and lists.
  static func here(lists: [String: ValueList] = [:]) -> ExpressionNames {
    ExpressionNames(lists: lists, zone: TimeZoneFiles.rules, zoneNames: TimeZoneFiles.names)
  }
}

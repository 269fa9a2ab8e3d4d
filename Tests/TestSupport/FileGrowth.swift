internal import Foundation

/// Waits on files that programs under test write.
package enum FileGrowth {
  package static func size(of path: String) -> Int {
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    return (facts?[.size] as? Int) ?? 0
  }

  /// Waits until a file is longer than so many bytes. Whoever writes it sends no signal, so it is looked at again and again.
  package static func wait(for path: String, beyond length: Int) throws {
    while size(of: path) <= length { Thread.sleep(forTimeInterval: 0.005) }
  }
}

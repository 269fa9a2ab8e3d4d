internal import Synchronization

/// The lists and tables that expressions have named, while they were compiled.
package final class NamesRead: Sendable {
  private let names = Mutex<(lists: Set<String>, tables: Set<String>)>(([], []))

  package init() {}

  func add(list: String) { names.withLock { _ = $0.lists.insert(list) } }
  func add(table: String) { names.withLock { _ = $0.tables.insert(table) } }

  package var lists: Set<String> { names.withLock { $0.lists } }
  package var tables: Set<String> { names.withLock { $0.tables } }
}

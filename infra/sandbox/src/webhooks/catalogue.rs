//! What webhooks can tell of: one catalogue for companies, one for projects. A company's hook never hears of what happens in
//! projects.

/// A resource: the category and tool under which Procore lists it, and the name that triggers and payloads carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) category: &'static str,
    pub(crate) tool: &'static str,
    pub(crate) name: &'static str,
}

const fn listed(category: &'static str, tool: &'static str, name: &'static str) -> Listed {
    Listed { category, tool, name }
}

const MANAGEMENT: &str = "Project Management";
const CORE: &str = "Core";

/// A project's. The real one has some 88; these are those of which Gusset and its tests make use, with their real names.
pub(crate) const PROJECT: [Listed; 16] = [
    listed(MANAGEMENT, "RFIs", "RFIs"),
    listed(MANAGEMENT, "RFIs", "RFI Replies"),
    listed(MANAGEMENT, "Daily Log", "Manpower Logs"),
    listed(MANAGEMENT, "Daily Log", "Notes Logs"),
    listed(MANAGEMENT, "Drawings", "Drawings"),
    listed(MANAGEMENT, "Drawings", "Drawing Sets"),
    listed(MANAGEMENT, "Drawings", "Drawing Uploads"),
    listed(MANAGEMENT, "Specifications", "Specification Section Revisions"),
    listed(CORE, "Documents", "Project Files"),
    listed(CORE, "Documents", "Project File Versions"),
    listed(CORE, "Documents", "Project Folders"),
    listed(MANAGEMENT, "Submittals", "Submittals"),
    listed("Quality & Safety", "Punch List", "Punch Items"),
    listed("Quality & Safety", "Observations", "Observation Items"),
    listed(MANAGEMENT, "Meetings", "Meetings"),
    listed(CORE, "Directory", "Project Users"),
];

/// A company's.
pub(crate) const COMPANY: [Listed; 4] = [
    listed(CORE, "Portfolio", "Projects"),
    listed(CORE, "Directory", "Company Users"),
    listed(CORE, "Directory", "Company Vendors"),
    listed(CORE, "Admin", "Departments"),
];

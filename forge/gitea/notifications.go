package gitea

import "time"

// NotificationThread is a notification.
type NotificationThread struct {
	ID         int64                `json:"id"`
	Repository *Repository          `json:"repository"`
	Subject    *NotificationSubject `json:"subject"`
	Unread     bool                 `json:"unread"`
	Pinned     bool                 `json:"pinned"`
	UpdatedAt  time.Time            `json:"updated_at"`
}

// NotificationSubject is what a notification is about.
type NotificationSubject struct {
	Title string             `json:"title"`
	URL   string             `json:"url"`
	Type  NotifySubjectType  `json:"type"`
	State NotifySubjectState `json:"state"`
}

// NotifySubjectType is of what kind that is.
type NotifySubjectType string

// Values of [NotifySubjectType].
const (
	NotifySubjectIssue NotifySubjectType = "Issue"
	NotifySubjectPull  NotifySubjectType = "Pull"
)

// NotifySubjectState is the state of what a notification is about.
type NotifySubjectState string

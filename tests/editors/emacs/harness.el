;;; harness.el --- What the specs beside this file share -*- lexical-binding: t; -*-

;; A spec defines `spec-run', which is called in the buffer of cart.py; an error fails it.
;; Nothing here waits for a time: conditions are waited for, up to a limit that a slow machine needs.

(require 'cl-lib)
(require 'package)
(setq package-user-dir (expand-file-name "packages" (getenv "SPEC_FOLDER")))
(package-initialize)
(load (expand-file-name "codeplan.el" (getenv "SPEC_PACKAGE")) nil t)

(defvar spec-seconds 120)
(defvar spec-messages nil)
(advice-add 'message :before
            (lambda (text &rest values)
              (when text (push (apply #'format-message text values) spec-messages))))

(defun spec-wait (what condition)
  "Wait until CONDITION gives something and return that; WHAT names it."
  (let ((deadline (+ (float-time) spec-seconds)) value)
    (while (not (setq value (funcall condition)))
      (when (> (float-time) deadline)
        (error "No %s in %d s; messages: %S" what spec-seconds spec-messages))
      (accept-process-output nil 0.05)
      (spec-idle))
    value))

(defun spec-idle ()
  "Do what waits until the user does nothing: Emacs in batch mode is never idle."
  (dolist (timer (copy-sequence timer-idle-list))
    (unless (timer--triggered timer)
      (timer-event-handler timer))))

(defun spec-same (got want what)
  (unless (equal got want)
    (error "%s: got %S, want %S; messages: %S" what got want spec-messages)))

(defun spec-text ()
  (buffer-substring-no-properties (point-min) (point-max)))

(defun spec-told (part)
  "Wait for a message that holds PART."
  (spec-wait (format "message with %S" part)
             (lambda () (cl-some (lambda (text) (string-match-p (regexp-quote part) text))
                                 spec-messages))))

(defun spec-go (part)
  "Put point on the first line that holds PART."
  (goto-char (point-min))
  (search-forward part)
  (beginning-of-line))

(defun spec-choosing (part body)
  "Call BODY; in it `completing-read' chooses the first offer that holds PART, and notes all."
  (let (asked)
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt offers &rest _)
                 (let ((names (all-completions "" offers)))
                   (push names asked)
                   (or (cl-find-if (lambda (name) (string-match-p (regexp-quote part) name)) names)
                       (error "%S is not among %S" part names))))))
      (let ((last-nonmenu-event ?a)) (funcall body))
      (spec-wait "question" (lambda () asked)))
    asked))

(defun spec-settings ()
  "The server's settings as a plist."
  (let ((json-object-type 'plist) (json-key-type 'keyword) (json-array-type 'vector))
    (json-read-from-string (getenv "SPEC_SETTINGS"))))
